# file.extract: unpacks a tar stream under a directory. Every entry's parent is resolved anew beneath that directory and
# through no link at all, so neither an earlier entry nor anybody else can lead a later one outside.

# How much of the answer is about what was skipped.
use constant MOST_REPORT_BYTES => 1_048_576;

my %SKIPPED_TYPES = (3 => 'a character device', 4 => 'a block device', 6 => 'a FIFO', sparse => 'a sparse file');

# The components of an entry's name, or of a hard link's target.
sub tar_components {
  my ($name) = @_;
  fail_with('path_escape', 'a name in the archive is absolute', $name) if $name =~ m{\A/};
  my @components = grep { $_ ne '' && $_ ne '.' } split m{/}, $name;
  fail_with('path_escape', 'a name in the archive has ".." in it', $name) if grep { $_ eq '..' } @components;
  fail_with('corrupt', 'a name in the archive has a NUL byte', $name =~ s/\0.*//sr) if grep { /\0/ } @components;
  return @components;
}

# A link may go up as far as the directory that is unpacked into, and then down. ".." further on could go up from
# wherever another link leads.
sub require_link_inside {
  my ($target, $depth, $name) = @_;
  fail_with('path_escape', 'a symbolic link in the archive is absolute', $name) if $target =~ m{\A/};
  fail_with('corrupt', 'a symbolic link in the archive has an empty target or a NUL byte', $name) if $target eq '' || $target =~ /\0/;
  my @components = grep { $_ ne '' && $_ ne '.' } split m{/}, $target;
  while (@components && $components[0] eq '..') {
    shift @components;
    $depth--;
  }
  fail_with('path_escape', 'a symbolic link in the archive leaves the directory', $name)
    if $depth < 0 || grep { $_ eq '..' } @components;
}

# An open directory beneath the target, made where it is missing; through no link.
sub open_extracted_directory {
  my ($top, $components, $name) = @_;
  return open_at($top, '.', OPEN_PATH | O_DIRECTORY) if !@$components;
  my $found = open_without_links($top, $components);
  return $found if $found >= 0;
  fail_with('path_escape', 'an entry of the archive would go through a symbolic link', $name)
    if $! == Errno::ELOOP() || $! == Errno::EXDEV() || $! == Errno::ENOTDIR();
  fail_errno($name, 'cannot open') if $! != Errno::ENOENT();
  my @parents = @$components;
  my $last    = pop @parents;
  my $parent  = open_extracted_directory($top, \@parents, $name);
  fail_errno($name, 'cannot open') if $parent < 0;
  my $guard = close_at_end($parent);
  fail_errno($name, 'cannot make a directory')
    if system_call('mkdirat', $parent, "$last\0", 0777) != 0 && $! != Errno::EEXIST();
  my $made = open_at($parent, $last, OPEN_WALK);
  fail_with('path_escape', 'an entry of the archive would go through a symbolic link', $name)
    if $made < 0 && ($! == Errno::ELOOP() || $! == Errno::ENOTDIR());
  fail_errno($name, 'cannot open') if $made < 0;
  return $made;
}

# Negative with $! set.
sub open_without_links {
  my ($top, $components) = @_;
  my $found = open_by_kernel($top, join('/', @$components), OPEN_PATH | O_DIRECTORY, 0, NO_LINKS);
  return $found if defined $found;
  return -1 if !$OPENAT2_MISSING;
  my ($directory, $guard) = ($top);
  for my $index (0 .. $#$components) {
    my $inner = open_at($directory, $components->[$index], OPEN_WALK);
    return $inner if $inner < 0 || $index == $#$components;
    $guard     = close_at_end($inner);
    $directory = $inner;
  }
}

sub times_of {
  my ($entry) = @_;
  # The time of access is left as it is.
  return pack 'q4', 0, 0x3ffffffe, $entry->{modified}, $entry->{modified_ns};
}

sub extract_file {
  my ($state, $entry, $parent, $name) = @_;
  my $temporary  = open_temporary($parent, 0600, $entry->{name});
  my $descriptor = $temporary->{descriptor};
  my $left       = $entry->{size};
  while ($left > 0) {
    my $part = tar_take_some($state->{source}, $left);
    write_all($descriptor, $part) or fail_errno($entry->{name}, 'cannot write');
    $left -= length $part;
  }
  fail_errno($entry->{name}, 'cannot set the mode') if system_call('fchmod', $descriptor, $entry->{mode} & 0777) != 0;
  my $times = times_of($entry);
  system_call('utimensat', $descriptor, 0, $times, 0);
  # Fails where a directory is in its place.
  put_in_place($temporary, $name, undef, $entry->{name});
}

# Makes a link under a temporary name and renames it over what is there, as a file is.
sub extract_link {
  my ($entry, $parent, $name, $make) = @_;
  my $present = status_at($parent, $name, NOT_FOLLOWED);
  if ($present && kind_of($present) == KIND_DIRECTORY) {
    $! = Errno::EISDIR();
    fail_errno($entry->{name}, 'cannot replace a directory by a link');
  }
  my $temporary = random_name();
  my $guard     = bless { directory => $parent, name => $temporary }, 'Mooring::Temporary';
  if ($make->($temporary) != 0) {
    $guard->{name} = undef;
    fail_errno($entry->{name}, 'cannot make a link');
  }
  my $failed = system_call('renameat2', $parent, "$temporary\0", $parent, "$name\0", 0) != 0;
  my $number = $! + 0;
  # A rename onto another name of the same file does nothing at all, and leaves this one.
  system_call('unlinkat', $parent, "$temporary\0", 0);
  $guard->{name} = undef;
  $! = $number;
  fail_errno($entry->{name}, 'cannot make a link') if $failed;
}

sub extract_hard_link {
  my ($state, $entry, $parent, $name) = @_;
  my @target = tar_components($entry->{target});
  fail_with('corrupt', 'a hard link in the archive has no target', $entry->{name}) if !@target;
  my $last = pop @target;
  my $holder = @target ? open_without_links($state->{top}, \@target) : open_at($state->{top}, '.', OPEN_PATH | O_DIRECTORY);
  if ($holder < 0) {
    fail_with('path_escape', 'a hard link in the archive would go through a symbolic link', $entry->{name})
      if $! == Errno::ELOOP() || $! == Errno::EXDEV() || $! == Errno::ENOTDIR();
    fail_errno($entry->{name}, 'cannot make a hard link');
  }
  my $guard = close_at_end($holder);
  my $status = status_at($holder, $last, NOT_FOLLOWED) or fail_errno($entry->{name}, 'cannot make a hard link');
  fail_with('path_escape', 'a hard link in the archive points to something other than a file', $entry->{name})
    if kind_of($status) != KIND_FILE;
  extract_link($entry, $parent, $name, sub { system_call('linkat', $holder, "$last\0", $parent, "$_[0]\0", 0) });
}

sub skip_contents {
  my ($state, $entry) = @_;
  my $left = $entry->{size};
  $left -= length tar_take_some($state->{source}, $left) while $left > 0;
}

sub skip_entry {
  my ($state, $entry, $reason) = @_;
  $state->{left_out}++;
  # The answer is one frame: past a size it only counts.
  my $record = pack_record({ path => $entry->{name}, reason => $reason });
  if ($state->{report_bytes} + length $record < MOST_REPORT_BYTES) {
    push @{ $state->{skipped} }, $record;
    $state->{report_bytes} += length $record;
  }
  else { $state->{unreported}++ }
  skip_contents($state, $entry);
  tar_take($state->{source}, -$entry->{size} % TAR_BLOCK, 0);
}

sub extract_entry {
  my ($state, $entry) = @_;
  my @components = tar_components($entry->{name});
  my $type       = $entry->{type} =~ /\A[\0 7]\z/ ? '0' : $entry->{type};
  my $reason     = $SKIPPED_TYPES{$type} // ($type =~ /\A[0125]\z/ ? undef : 'an unknown type of entry');
  # Links and directories have no contents, whatever their size says; but what a header announces is there.
  if (!@components && !defined $reason) {
    skip_contents($state, $entry);
    tar_take($state->{source}, -$entry->{size} % TAR_BLOCK, 0);
    return;
  }
  # What is skipped counts as well: an archive of nothing else is no way around the limit.
  if ($state->{entries} + $state->{left_out} >= $state->{most_entries}) {
    fail_with('resource_exhausted', "the archive has more than $state->{most_entries} entries");
  }
  if (defined $reason) {
    skip_entry($state, $entry, $reason);
    return;
  }
  $state->{entries}++;
  my $name   = pop @components;
  my $parent = open_extracted_directory($state->{top}, \@components, $entry->{name});
  fail_errno($entry->{name}, 'cannot open') if $parent < 0;
  my $guard = close_at_end($parent);
  if ($type eq '5') {
    my $made = open_extracted_directory($state->{top}, [ @components, $name ], $entry->{name});
    POSIX::close($made) if $made >= 0;
    # Its mode and time come last: it may forbid writing.
    push @{ $state->{directories} }, [ [ @components, $name ], $entry->{mode} & 01777, $entry ];
    skip_contents($state, $entry);
  }
  elsif ($type eq '2') {
    require_link_inside($entry->{target}, scalar @components, $entry->{name});
    extract_link($entry, $parent, $name, sub { system_call('symlinkat', "$entry->{target}\0", $parent, "$_[0]\0") });
    my $times = times_of($entry);
    system_call('utimensat', $parent, "$name\0", $times, NOT_FOLLOWED);
    skip_contents($state, $entry);
  }
  elsif ($type eq '1') {
    extract_hard_link($state, $entry, $parent, $name);
    skip_contents($state, $entry);
  }
  else {
    $state->{total} += $entry->{size};
    fail_with('resource_exhausted', "the archive unpacks to more than $state->{most_bytes} bytes") if $state->{total} > $state->{most_bytes};
    extract_file($state, $entry, $parent, $name);
  }
  tar_take($state->{source}, -$entry->{size} % TAR_BLOCK, 0);
}

sub finish_directories {
  my ($state) = @_;
  for my $made (reverse @{ $state->{directories} }) {
    my ($components, $mode, $entry) = @$made;
    my @parents = @$components;
    my $name    = pop @parents;
    my $parent  = @parents ? open_without_links($state->{top}, \@parents) : open_at($state->{top}, '.', OPEN_PATH | O_DIRECTORY);
    next if $parent < 0;
    my $parent_guard = close_at_end($parent);
    my $descriptor   = open_at($parent, $name, OPEN_LIST);
    next if $descriptor < 0;
    my $guard = close_at_end($descriptor);
    system_call('fchmod', $descriptor, $mode);
    my $times = times_of($entry);
    system_call('utimensat', $descriptor, 0, $times, 0);
  }
}

in_worker('file.extract', 'stream', sub {
  my ($request) = @_;
  my $guard = make_directories_beneath($request->{path});
  my $top   = open_beneath($request->{path}, OPEN_PATH | O_DIRECTORY, 'write');
  my $top_guard = close_at_end($top);
  my %state = (
    top => $top, source => tar_source(), entries => 0, left_out => 0, total => 0, skipped => [], report_bytes => 0, unreported => 0, directories => [],
    most_entries => number_in($request, 'maxEntries'), most_bytes => number_in($request, 'maxTotalBytes'),
  );
  my %globals;
  while (my $entry = next_tar_entry($state{source}, \%globals)) { extract_entry(\%state, $entry) }
  finish_directories(\%state);
  tar_drain($state{source});
  push @{ $state{skipped} }, pack_record({ path => '', reason => "$state{unreported} more" }) if $state{unreported};
  return { entries => $state{entries}, totalBytes => $state{total}, skipped => pack_list(@{ $state{skipped} }) };
});
