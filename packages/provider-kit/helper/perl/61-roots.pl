# The pinned roots, and which of them a path starts from. A root is opened once, when the session is; from then on a
# path is resolved beneath that descriptor, whatever is renamed over the root's own name.

# By descriptor. They live as long as the session.
my %PINNED;

sub pin_root {
  my ($path) = @_;
  fail_with('invalid_request', 'a root must be an absolute path without NUL bytes', $path)
    if !defined $path || $path !~ m{\A/} || $path =~ /\0/;
  my $descriptor = system_call('openat', -100, "$path\0", OPEN_PATH | O_DIRECTORY | OPEN_CLOEXEC, 0);
  fail_errno($path, 'cannot open the root') if $descriptor < 0;
  my $status = status_of($descriptor) or fail_errno($path, 'cannot examine the root');
  my $real   = readlink "/proc/self/fd/$descriptor";
  $real = real_path_of($descriptor) if !defined $real;
  my $root = {
    path => $real, given => $path, fd => $descriptor, identity => identity_of($status),
    device => join(':', @$status[ DEVICE_MAJOR, DEVICE_MINOR ]), inode => $status->[INODE],
  };
  $root->{spellings} = [ map { '/' . join '/', @{ (split_path($_))[0] } } $real, $path ];
  $PINNED{$descriptor} = $root;
  return $root;
}

sub unpin_root {
  my ($root) = @_;
  delete $PINNED{ $root->{fd} };
  POSIX::close($root->{fd});
}

# Without /proc: by going there and asking.
sub real_path_of {
  my ($descriptor) = @_;
  my $before = open_at(-100, '.', OPEN_PATH | O_DIRECTORY);
  my $real;
  if (system_call('fchdir', $descriptor) == 0) {
    $real = POSIX::getcwd();
    system_call('fchdir', $before) if $before >= 0;
  }
  POSIX::close($before) if $before >= 0;
  fail_with('unavailable', 'the real path of a root cannot be told') if !defined $real;
  return $real;
}

sub is_pinned_identity {
  my ($identity) = @_;
  for my $root (values %PINNED) { return 1 if $root->{identity} eq $identity }
  return 0;
}

# The components without "." and empty ones, and whether the path asks for a directory by its end. ".." stays: only
# the file system can say where it leads.
sub split_path {
  my ($path) = @_;
  my @components = grep { $_ ne '' && $_ ne '.' } split m{/}, $path;
  return (\@components, scalar $path =~ m{/\.?\z});
}

# Roots that a path may lie in: for reading all of them, for writing the workspace and the write roots.
sub roots_for {
  my ($access) = @_;
  return ($SESSION{root}, @{ $SESSION{write_roots} // [] }, $access eq 'write' ? () : @{ $SESSION{read_roots} // [] });
}

# The longest root that contains the absolute path, by its real or its given spelling, and the components beneath it.
sub root_containing {
  my ($components, @roots) = @_;
  my $path = '/' . join '/', @$components;
  my ($best, $best_depth);
  for my $root (@roots) {
    for my $spelling (@{ $root->{spellings} }) {
      next if $spelling ne '/' && $path ne $spelling && index($path, "$spelling/") != 0;
      my $depth = $spelling eq '/' ? 0 : $spelling =~ tr{/}{};
      ($best, $best_depth) = ($root, $depth) if !defined $best || $depth > $best_depth;
    }
  }
  return if !defined $best;
  return ($best, [ @$components[ $best_depth .. $#$components ] ]);
}

sub root_of_absolute {
  my ($components, $access, $path) = @_;
  my ($root, $rest) = root_containing($components, roots_for($access));
  return ($root, $rest) if $root;
  if ($access eq 'write' && root_containing($components, @{ $SESSION{read_roots} // [] })) {
    fail_with('permission_denied', 'the path lies in a read root', $path);
  }
  fail_with('path_escape', 'the path leaves the roots of the session', $path);
}

# Root, components beneath it, whether it must be a directory.
sub locate {
  my ($path, $access) = @_;
  fail_with('invalid_request', 'expected a path, got an empty one') if !defined $path || $path eq '';
  fail_with('invalid_request', 'expected a path without NUL bytes', $path =~ s/\0.*//sr) if index($path, "\0") >= 0;
  my ($components, $directory) = split_path($path);
  return ($SESSION{root}, $components, $directory) if substr($path, 0, 1) ne '/';
  my ($root, $rest) = root_of_absolute($components, $access, $path);
  return ($root, $rest, $directory);
}

sub absolute_path {
  my ($root, $components) = @_;
  return $root->{path} if !@$components;
  return ($root->{path} eq '/' ? '' : $root->{path}) . '/' . join '/', @$components;
}

sub pinned_descriptors { return keys %PINNED }
