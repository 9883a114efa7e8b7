# Resolution of paths beneath the pinned roots: by openat2, which the kernel makes proof against renames at the same
# time, and where a link crosses from one root into another, or there is no openat2, by a walk of descriptors that
# reads each link itself. Neither ever falls back to a path that the kernel resolves freely.

use constant {
  BENEATH    => 0x0a,    # RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS
  NO_LINKS   => 0x0e,    # and RESOLVE_NO_SYMLINKS
  MOST_TRIES => 128,
  MOST_LINKS => 40,
};

my $OPENAT2_MISSING = 0;

# Opens what is beneath a descriptor: a descriptor, or undef with $! set; EXDEV and ELOOP mean that a link has to be
# looked at by the walk.
sub open_by_kernel {
  my ($directory, $relative, $flags, $mode, $resolve) = @_;
  if ($OPENAT2_MISSING) {
    $! = Errno::EXDEV();
    return undef;
  }
  my $how = pack 'Q3', $flags | OPEN_CLOEXEC, $mode, $resolve;
  for (1 .. MOST_TRIES) {
    my $descriptor = system_call('openat2', $directory, "$relative\0", $how, 24);
    return $descriptor if $descriptor >= 0;
    next if $! == Errno::EAGAIN() || $! == Errno::EINTR();
    if ($! == Errno::ENOSYS() || $! == Errno::EPERM() && !kernel_has_openat2()) {
      $OPENAT2_MISSING = 1;
      $! = Errno::EXDEV();
    }
    return undef;
  }
  $! = Errno::EAGAIN();
  return undef;
}

# A filter that does not know the call may answer EPERM, as a file may.
sub kernel_has_openat2 {
  my $how        = pack 'Q3', OPEN_PATH | O_DIRECTORY | OPEN_CLOEXEC, 0, BENEATH;
  my $here       = ".\0";
  my $descriptor = system_call('openat2', $SESSION{root}{fd}, $here, $how, 24);
  POSIX::close($descriptor) if $descriptor >= 0;
  my $has = $descriptor >= 0;
  $! = Errno::EPERM();
  return $has;
}

# Opens a path for "read" or "write" access. Raises what went wrong; nothing outside the roots was touched.
sub open_beneath {
  my ($path, $flags, $access, $mode) = @_;
  my ($root, $components, $directory) = locate($path, $access);
  $flags |= O_DIRECTORY if $directory;
  my $descriptor = open_components($root, $components, $flags, $access, $mode // 0, $path);
  return wantarray ? ($descriptor, absolute_path($root, $components)) : $descriptor;
}

sub open_components {
  my ($root, $components, $flags, $access, $mode, $path) = @_;
  my $descriptor = open_by_kernel($root->{fd}, @$components ? join('/', @$components) : '.', $flags, $mode, BENEATH);
  return $descriptor if defined $descriptor;
  fail_errno($path, 'cannot open') if $! != Errno::EXDEV() && $! != Errno::ELOOP();
  for (1 .. MOST_TRIES) {
    my ($parent, $name) = walk_beneath($root, $components, $access, !($flags & O_NOFOLLOW), $path);
    my $parent_guard = close_at_end($parent);
    $descriptor = open_at($parent, $name, $flags | O_NOFOLLOW, $mode);
    return $descriptor if $descriptor >= 0;
    next if $! == Errno::ELOOP() || $! == Errno::ENOTDIR() && was_exchanged($parent, $name);
    fail_errno($path, 'cannot open');
  }
  fail_with('unavailable', 'the path was changed too often at that moment; try again', $path);
}

# Whether "not a directory" was true of a link only, which came after the walk had looked.
sub was_exchanged {
  my ($directory, $name) = @_;
  my $status = status_at($directory, $name, NOT_FOLLOWED);
  my $kind = $status ? kind_of($status) : 0;
  $! = Errno::ENOTDIR();
  return $kind == KIND_LINK || $kind == KIND_DIRECTORY;
}

# Follows the components one by one, each link by its text. Returns a descriptor of the directory in which the last
# name is (which may not exist), and that name, which was no link then: so open it with O_NOFOLLOW.
sub walk_beneath {
  my ($root, $components, $access, $follow_last, $path) = @_;
  my @pending = @$components;
  my @stack;    # descriptors beneath the root, innermost last
  my $hops    = 0;
  my $restart = sub {
    my ($absolute) = @_;
    ($root, my $rest) = root_of_absolute($absolute, $access, $path);
    @pending = @$rest;
    @stack   = ();
  };
  while (@pending) {
    my $name    = shift @pending;
    my $current = @stack ? ${ $stack[-1] } : $root->{fd};
    if ($name eq '..') {
      if (@stack) {
        pop @stack;
        next;
      }
      # Above a root there is only the text of its real path, until that leads into a root again.
      my @above = @{ (split_path($root->{path}))[0] };
      pop @above;
      while (@pending && $pending[0] eq '..') {
        shift @pending;
        pop @above;
      }
      $restart->([ @above, @pending ]);
      next;
    }
    my $last   = !@pending;
    my $status = status_at($current, $name, NOT_FOLLOWED);
    if (!$status) {
      return (reopened($current, $path), $name) if $last && $! == Errno::ENOENT();
      fail_errno($path, 'cannot open');
    }
    my $kind = kind_of($status);
    if ($kind == KIND_LINK && (!$last || $follow_last)) {
      fail_with('path_escape', 'the path has too many symbolic links, or they run in a circle', $path) if ++$hops > MOST_LINKS;
      my $target = link_target_at($current, $name);
      if (!defined $target) {
        fail_errno($path, 'cannot read a symbolic link') if $! != Errno::EINVAL() && $! != Errno::ENOENT();
        unshift @pending, $name;
        next;
      }
      my ($onward) = split_path($target);
      if (substr($target, 0, 1) eq '/') { $restart->([ @$onward, @pending ]) }
      else                              { unshift @pending, @$onward }
      next;
    }
    return (reopened($current, $path), $name) if $last;
    if ($kind != KIND_DIRECTORY) {
      $! = Errno::ENOTDIR();
      fail_errno($path, 'cannot open');
    }
    my $inner = open_at($current, $name, OPEN_WALK);
    if ($inner < 0) {
      # It was a directory a moment ago: look again, which counts as a hop so that this ends.
      if ($! == Errno::ENOTDIR() || $! == Errno::ELOOP()) {
        fail_with('unavailable', 'the path was changed too often at that moment; try again', $path) if ++$hops > MOST_LINKS;
        unshift @pending, $name;
        next;
      }
      fail_errno($path, 'cannot open');
    }
    push @stack, close_at_end($inner);
  }
  return (reopened(@stack ? ${ $stack[-1] } : $root->{fd}, $path), '.');
}

# A descriptor of the same directory that the caller may close.
sub reopened {
  my ($descriptor, $path) = @_;
  my $again = open_at($descriptor, '.', OPEN_PATH | O_DIRECTORY);
  fail_errno($path, 'cannot open') if $again < 0;
  return $again;
}

# For making, renaming and removing: the directory that holds the last component, and that component, not followed.
# Returns descriptor, a guard that closes it, name, absolute path.
sub resolve_parent {
  my ($path, $access, $parent_flags) = @_;
  my ($root, $components, $directory) = locate($path, $access);
  fail_with('invalid_request', 'expected a path beneath a root, got a root itself', $path) if !@$components;
  my @parents = @$components;
  my $name    = pop @parents;
  fail_with('invalid_request', 'expected a path that ends in a name, got one that ends in ".."', $path) if $name eq '..';
  my $absolute = absolute_path($root, $components);
  if (!@parents && !$parent_flags) {
    return ($root->{fd}, undef, $name, $absolute, $directory);
  }
  my $descriptor = open_components($root, \@parents, $parent_flags || OPEN_PATH | O_DIRECTORY, $access, 0, $path);
  return ($descriptor, close_at_end($descriptor), $name, $absolute, $directory);
}

# For writing a file's contents: as resolve_parent, but a link in the last place is followed to where it leads, so that
# the link stays and what it points to is written.
sub resolve_destination {
  my ($path) = @_;
  my $reading = O_RDONLY | O_DIRECTORY | OPEN_CLOEXEC;
  my ($descriptor, $guard, $name, $absolute, $directory) = eval { resolve_parent($path, 'write', $reading) };
  if (!defined $descriptor) {
    # A directory may be written and searched and yet not read; it is then not synchronised.
    die $@ if ref $@ ne 'HASH' || ($@->{errno} // '') ne 'EACCES';
    ($descriptor, $guard, $name, $absolute, $directory) = resolve_parent($path, 'write', OPEN_PATH | O_DIRECTORY);
  }
  fail_with('invalid_request', 'expected the path of a file, got one that ends in "/"', $path) if $directory;
  my $status = status_at($descriptor, $name, NOT_FOLLOWED);
  fail_errno($path, 'cannot examine') if !$status && $! != Errno::ENOENT();
  return ($descriptor, $guard, $name, $absolute, $status) if !$status || kind_of($status) != KIND_LINK;

  my ($root, $components) = locate($path, 'write');
  for (1 .. MOST_TRIES) {
    my ($parent, $last) = walk_beneath($root, $components, 'write', 1, $path);
    my $parent_guard = close_at_end($parent);
    my $readable     = open_at($parent, '.', $reading);
    if ($readable >= 0) {
      $parent       = $readable;
      $parent_guard = close_at_end($parent);
    }
    $status = status_at($parent, $last, NOT_FOLLOWED);
    fail_errno($path, 'cannot examine') if !$status && $! != Errno::ENOENT();
    next if $status && kind_of($status) == KIND_LINK;
    return ($parent, $parent_guard, $last, $absolute, $status);
  }
  fail_with('unavailable', 'the path was changed too often at that moment; try again', $path);
}

# For the working directory of a command: a descriptor of a directory in the workspace or a write root.
sub open_directory_for_command {
  my ($path) = @_;
  return scalar open_beneath(defined $path && $path ne '' ? $path : '.', OPEN_PATH | O_DIRECTORY, 'write');
}
