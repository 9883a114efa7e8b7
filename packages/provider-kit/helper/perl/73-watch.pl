# file.watch, by inotify, in a worker of its own. The kernel watches single directories; the tree is ours: a new
# directory is watched first and then looked into, so that nothing made in it meanwhile is missed.

use constant {
  IN_MODIFY => 0x2, IN_MOVED_FROM => 0x40, IN_MOVED_TO => 0x80, IN_CREATE => 0x100, IN_DELETE => 0x200,
  IN_DELETE_SELF => 0x400, IN_OVERFLOW => 0x4000, IN_IGNORED => 0x8000, IN_ISDIR => 0x40000000,
  # With IN_ONLYDIR and IN_EXCL_UNLINK.
  WATCH_MASK => 0x2 | 0x40 | 0x80 | 0x100 | 0x200 | 0x400 | 0x1000000 | 0x4000000,
  # What a reader that does not read may keep waiting before it is told to look again at everything.
  MOST_WAITING_EVENTS => 16_384,
};

in_worker('file.watch', 'watch', sub {
  my ($request) = @_;
  my ($top, $absolute) = open_beneath($request->{path}, OPEN_PATH, 'read');
  my %watch = (
    recursive => $request->{recursive}, top => $top, guard => close_at_end($top), base => real_path_beneath($top, $absolute),
    by_number => {}, numbers => {}, known => {}, events => [],
  );
  my $status = status_of($top) or fail_errno($request->{path}, 'cannot examine');
  if (kind_of($status) != KIND_DIRECTORY) {
    # A file is replaced more often than written: watch its place.
    my ($parent, $parent_guard, $name, $path) = resolve_parent($request->{path}, 'read');
    @watch{qw(top guard only base recursive)} = ($parent, $parent_guard, $name, $path =~ s{/[^/]*\z}{}sr, 0);
    $watch{base} = '/' if $watch{base} eq '';
  }
  $watch{inotify} = system_call('inotify_init1', O_NONBLOCK | OPEN_CLOEXEC);
  fail_with('resource_exhausted', "cannot watch: the user's inotify instances are used up", $request->{path}) if $watch{inotify} < 0;
  $watch{inotify_guard} = close_at_end($watch{inotify});
  watch_directory(\%watch, '', 0) or fail_errno($request->{path}, 'cannot watch');
  event_from_worker({ event => 'armed' });
  while (1) { wait_for_changes(\%watch) }
});

# Watches the directory and what is under it; with $report what is found there is told as created.
sub watch_directory {
  my ($watch, $relative, $report) = @_;
  my $directory = open_by_kernel_or_walk($watch->{top}, $relative);
  return 0 if $directory < 0;
  my $guard = close_at_end($directory);
  my $number = system_call('inotify_add_watch', $watch->{inotify}, "/proc/self/fd/$directory\0", WATCH_MASK);
  if ($number < 0) {
    fail_with('resource_exhausted', "cannot watch: the user's inotify watches are used up", "$watch->{base}/$relative")
      if $! == Errno::ENOSPC();
    return 0;
  }
  $watch->{by_number}{$number} = $relative;
  $watch->{numbers}{$relative} = $number;
  my $entries = entries_of($directory) or return 1;
  my $prefix = $relative eq '' ? '' : "$relative/";
  for (my $index = 0 ; $index < @$entries ; $index += 2) {
    my ($name, $type) = @$entries[ $index, $index + 1 ];
    next if is_temporary_name($name) || defined $watch->{only} && $name ne $watch->{only};
    my $path = $prefix . $name;
    put_event($watch, 'created', $path) if $report && !$watch->{known}{$path};
    $watch->{known}{$path} = 1;
    next if !$watch->{recursive};
    $type = entry_type_at($directory, $name) if $type == ENTRY_UNKNOWN;
    watch_directory($watch, $path, $report) if $type == ENTRY_DIRECTORY;
  }
  return 1;
}

# A directory beneath an open one, through no link at all; negative with $! set.
sub open_by_kernel_or_walk {
  my ($top, $relative) = @_;
  return open_at($top, '.', O_RDONLY | O_DIRECTORY) if $relative eq '';
  my $found = open_by_kernel($top, $relative, OPEN_LIST & ~OPEN_CLOEXEC, 0, NO_LINKS);
  return $found if defined $found;
  return -1 if $! != Errno::EXDEV();
  my ($directory, $guard) = ($top);
  my @names = split m{/}, $relative;
  while (@names) {
    my $inner = open_at($directory, shift @names, @names ? OPEN_WALK : OPEN_LIST);
    return $inner if $inner < 0 || !@names;
    $guard     = close_at_end($inner);
    $directory = $inner;
  }
}

sub wait_for_changes {
  my ($watch) = @_;
  1 while send_waiting_events($watch);
  my $reading = '';
  vec($reading, $WORK{number}, 1)     = 1;
  vec($reading, $watch->{inotify}, 1) = 1;
  # Half of a rename waits a moment for its other half.
  my $count = select my $ready = $reading, undef, undef, $watch->{moved} ? 0.02 : undef;
  return if $count < 0;
  if ($count == 0) {
    moved_away($watch);
    return;
  }
  read_frames() if vec $ready, $WORK{number}, 1;
  read_changes($watch) if vec $ready, $watch->{inotify}, 1;
}

sub read_changes {
  my ($watch) = @_;
  my $got = POSIX::read($watch->{inotify}, my $bytes, 65_536);
  return if !$got;
  my $offset = 0;
  while ($offset < $got) {
    my ($number, $mask, $cookie, $length) = unpack "x${offset} l L L L", $bytes;
    my $name = $length ? unpack('Z*', substr $bytes, $offset + 16, $length) : '';
    $offset += 16 + $length;
    one_change($watch, $number, $mask, $cookie, $name);
  }
}

sub one_change {
  my ($watch, $number, $mask, $cookie, $name) = @_;
  moved_away($watch) if $watch->{moved} && !($mask & IN_MOVED_TO && $watch->{moved}{cookie} == $cookie);
  return overflowed($watch) if $mask & IN_OVERFLOW;
  my $directory = $watch->{by_number}{$number};
  return if !defined $directory;
  if ($mask & IN_IGNORED) {
    delete $watch->{by_number}{$number};
    delete $watch->{numbers}{$directory} if ($watch->{numbers}{$directory} // -1) == $number;
    return;
  }
  if ($mask & IN_DELETE_SELF) {
    put_event($watch, 'removed', '') if $directory eq '';
    return;
  }
  return if $name eq '' || defined $watch->{only} && $name ne $watch->{only} && !is_temporary_name($name);
  my $path = $directory eq '' ? $name : "$directory/$name";
  if ($mask & IN_MOVED_FROM) {
    $watch->{moved} = { cookie => $cookie, path => $path, temporary => is_temporary_name($name), directory => $mask & IN_ISDIR };
    return;
  }
  return moved_to($watch, $path, $mask & IN_ISDIR) if $mask & IN_MOVED_TO;
  return if is_temporary_name($name);
  if ($mask & IN_CREATE) {
    appeared($watch, $path, $mask & IN_ISDIR);
  }
  elsif ($mask & IN_DELETE) {
    delete $watch->{known}{$path};
    put_event($watch, 'removed', $path);
  }
  elsif ($mask & IN_MODIFY && !($mask & IN_ISDIR)) {
    my $latest = $watch->{events}[-1];
    # Each write says so; once is enough.
    put_event($watch, 'modified', $path) if !$latest || $latest->[1] ne $path || $latest->[0] eq 'removed';
  }
}

sub appeared {
  my ($watch, $path, $is_directory) = @_;
  put_event($watch, 'created', $path) if !$watch->{known}{$path};
  $watch->{known}{$path} = 1;
  watch_directory($watch, $path, 1) if $is_directory && $watch->{recursive};
}

sub moved_to {
  my ($watch, $path, $is_directory) = @_;
  my $moved = delete $watch->{moved};
  return appeared($watch, $path, $is_directory) if !$moved;
  if ($moved->{temporary}) {
    put_event($watch, $watch->{known}{$path} ? 'modified' : 'created', $path);
    $watch->{known}{$path} = 1;
    watch_directory($watch, $path, 1) if $is_directory && $watch->{recursive};
    return;
  }
  put_event($watch, 'renamed', $path, $moved->{path});
  my $from = $moved->{path};
  for my $table ('known', 'numbers') {
    next if $table eq 'numbers' && !$is_directory;
    my $entries = $watch->{$table};
    for my $old ($is_directory ? grep { index($_, "$from/") == 0 } keys %$entries : (), $from) {
      next if !exists $entries->{$old};
      my $new = $path . substr $old, length $from;
      $entries->{$new} = delete $entries->{$old};
      $watch->{by_number}{ $entries->{$new} } = $new if $table eq 'numbers';
    }
  }
  $watch->{known}{$path} = 1;
}

# What was moved has no other half in the tree: it left.
sub moved_away {
  my ($watch) = @_;
  my $moved = delete $watch->{moved};
  return if $moved->{temporary};
  my $path = $moved->{path};
  put_event($watch, 'removed', $path);
  delete $watch->{known}{$path};
  return if !$moved->{directory};
  delete @{ $watch->{known} }{ grep { index($_, "$path/") == 0 } keys %{ $watch->{known} } };
  for my $inner (grep { $_ eq $path || index($_, "$path/") == 0 } keys %{ $watch->{numbers} }) {
    my $number = delete $watch->{numbers}{$inner};
    delete $watch->{by_number}{$number};
    system_call('inotify_rm_watch', $watch->{inotify}, $number);
  }
}

sub overflowed {
  my ($watch) = @_;
  @{ $watch->{events} } = (['overflow']);
  $watch->{known} = {};
  # Directories that were made in the gap have to be watched from now on.
  watch_directory($watch, '', 0);
}

sub put_event {
  my ($watch, $type, $path, $from) = @_;
  return if defined $watch->{only} && $path ne $watch->{only} && ($from // '') ne $watch->{only};
  my $events = $watch->{events};
  if (@$events >= MOST_WAITING_EVENTS) { @$events = (['overflow']) }
  return if @$events && $events->[-1][0] eq 'overflow' && @$events == 1 && $WORK{credit} < 8_192;
  push @$events, [ $type, $path, $from ];
}

sub send_waiting_events {
  my ($watch) = @_;
  my $events = $watch->{events};
  my $base   = $watch->{base} eq '/' ? '' : $watch->{base};
  my $batch  = '';
  while (@$events) {
    my ($type, $path, $from) = @{ $events->[0] };
    my %record = (type => $type);
    $record{path} = $path eq '' ? $watch->{base} : "$base/$path" if defined $path;
    $record{from} = "$base/$from" if defined $from;
    my $item = pack 'N/a*', pack_record(\%record);
    last if length($batch) + length $item > ($WORK{credit} < 61_440 ? $WORK{credit} : 61_440);
    $batch .= $item;
    shift @$events;
  }
  return 0 if $batch eq '';
  $WORK{credit} -= length $batch;
  $WORK{sent} += length $batch;
  send_from_worker(0x84, "\1$batch");
  return 1;
}
