# Copies of files and trees. Both appear under their name when they are whole.

# Contents from one descriptor to another, in the kernel where it can; false with $! set.
sub copy_contents {
  my ($from, $to) = @_;
  my $copied = 0;
  while (1) {
    my $count = system_call('copy_file_range', $from, 0, $to, 0, 1_073_741_824, 0);
    if ($count > 0) {
      $copied += $count;
      next;
    }
    # Files without a size, and pairs of file systems, that the call does not serve.
    last if $count == 0 ? $copied > 0 : $copied == 0;
    next if $count < 0 && $! == Errno::EINTR();
    return 0 if $count < 0;
    last;
  }
  while (1) {
    my $got = POSIX::read($from, my $part, 1_048_576);
    if (!defined $got) {
      next if $! == Errno::EINTR();
      return 0;
    }
    return 1 if $got == 0;
    write_all($to, $part) or return 0;
  }
}

# Set-id bits are not handed on by a copy.
sub copied_mode { return $_[0][MODE] & 01777 }

sub copy_one_file {
  my ($request, $from, $status) = @_;
  my ($directory, $guard, $name, undef, $present) = resolve_destination($request->{to});
  if ($present) {
    fail_existing($request->{to}) if kind_of($present) == KIND_DIRECTORY;
    require_file($present, $request->{to});
    fail_with('invalid_request', '`from` and `to` are the same file', $request->{to}) if identity_of($present) eq identity_of($status);
    fail_errno($request->{to}, 'cannot write') if system_call('faccessat', $directory, "$name\0", 2) != 0;
  }
  my $temporary  = open_temporary($directory, 0600, $request->{to});
  my $descriptor = $temporary->{descriptor};
  copy_contents($from, $descriptor) or fail_errno($request->{to}, 'cannot copy');
  for my $call (['fchmod', $descriptor, copied_mode($status)], ['fsync', $descriptor]) {
    fail_errno($request->{to}, 'cannot copy') if system_call(@$call) != 0;
  }
  put_in_place($temporary, $name, undef, $request->{to});
  system_call('fsync', $directory);
}

sub fail_existing {
  my ($path) = @_;
  die { errno => 'EEXIST', message => 'something is at the destination already', path => $path };
}

# Whether the open directory is, or lies in, the one with this identity.
sub lies_within {
  my ($directory, $identity) = @_;
  my ($guard, $previous) = (undef, '');
  for (1 .. 4_096) {
    my $status = status_of($directory) or return 0;
    my $here = identity_of($status);
    return 1 if $here eq $identity;
    return 0 if $here eq $previous;
    $previous  = $here;
    $directory = open_at($directory, '..', OPEN_PATH | O_DIRECTORY);
    return 0 if $directory < 0;
    $guard = close_at_end($directory);
  }
  return 0;
}

sub Mooring::TemporaryTree::DESTROY {
  my ($tree) = @_;
  return if !defined $tree->{name};
  local ($@, $!);
  eval { remove_tree_at($tree->{directory}, $tree->{name}, $tree->{name}) };
}

sub copy_tree {
  my ($request, $from, $status) = @_;
  my ($directory, $guard, $name) = resolve_parent($request->{to}, 'write');
  fail_existing($request->{to}) if status_at($directory, $name, NOT_FOLLOWED);
  if (lies_within($directory, identity_of($status))) {
    fail_with('invalid_request', 'a directory cannot be copied into itself', $request->{to});
  }
  my $temporary = random_name();
  my $tree = bless { directory => $directory, name => $temporary }, 'Mooring::TemporaryTree';
  if (system_call('mkdirat', $directory, "$temporary\0", 0700) != 0) {
    $tree->{name} = undef;
    fail_errno($request->{to}, 'cannot make a directory');
  }
  my $made = open_at($directory, $temporary, OPEN_LIST);
  fail_errno($request->{to}, 'cannot open') if $made < 0;
  my $made_guard = close_at_end($made);
  copy_entries($from, $made, $request->{from});
  fail_errno($request->{to}, 'cannot set the mode') if system_call('fchmod', $made, copied_mode($status)) != 0;
  if (system_call('renameat2', $directory, "$temporary\0", $directory, "$name\0", 1) != 0) {
    fail_existing($request->{to}) if $! == Errno::EEXIST();
    fail_errno($request->{to}, 'cannot copy')
      if $! != Errno::EINVAL() || system_call('renameat2', $directory, "$temporary\0", $directory, "$name\0", 0) != 0;
  }
  delete $tree->{name};
}

sub copy_entries {
  my ($top, $made_top, $top_path) = @_;
  my $entries = entries_of($top) or fail_errno($top_path, 'cannot list');
  my @stack = ({ from => $top, to => $made_top, path => $top_path, entries => $entries });
  while (@stack) {
    my $level = $stack[-1];
    if (!@{ $level->{entries} }) {
      pop @stack;
      # Only now: it may be a mode that forbids writing.
      fail_errno($level->{path}, 'cannot set the mode') if defined $level->{mode} && system_call('fchmod', $level->{to}, $level->{mode}) != 0;
      next;
    }
    my ($name) = splice @{ $level->{entries} }, 0, 2;
    next if is_temporary_name($name);
    my $path = "$level->{path}/$name";
    my $status = status_at($level->{from}, $name, NOT_FOLLOWED) or next;
    my $kind = kind_of($status);
    if ($kind == KIND_LINK) {
      my $target = link_target_at($level->{from}, $name);
      next if !defined $target;
      fail_errno($path, 'cannot make a link') if system_call('symlinkat', "$target\0", $level->{to}, "$name\0") != 0;
    }
    elsif ($kind == KIND_DIRECTORY) {
      my $inner = open_at($level->{from}, $name, OPEN_LIST);
      fail_errno($path, 'cannot copy') if $inner < 0;
      my $guard = close_at_end($inner);
      my $inside = entries_of($inner) or fail_errno($path, 'cannot list');
      fail_errno($path, 'cannot make a directory') if system_call('mkdirat', $level->{to}, "$name\0", 0700) != 0;
      my $made = open_at($level->{to}, $name, OPEN_LIST);
      fail_errno($path, 'cannot copy') if $made < 0;
      push @stack, {
        from => $inner, to => $made, path => $path, entries => $inside, mode => copied_mode($status),
        guards => [ $guard, close_at_end($made) ],
      };
    }
    else {
      copy_entry($level, $name, $path, $status);
    }
  }
}

sub copy_entry {
  my ($level, $name, $path, $status) = @_;
  require_file($status, $path);
  my $from = open_at($level->{from}, $name, OPEN_READ | O_NOFOLLOW);
  fail_errno($path, 'cannot copy') if $from < 0;
  my $guard = close_at_end($from);
  my $found = status_of($from) or fail_errno($path, 'cannot examine');
  require_file($found, $path);
  my $to = open_at($level->{to}, $name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
  fail_errno($path, 'cannot copy') if $to < 0;
  my $to_guard = close_at_end($to);
  copy_contents($from, $to) or fail_errno($path, 'cannot copy');
  fail_errno($path, 'cannot set the mode') if system_call('fchmod', $to, copied_mode($found)) != 0;
}

in_worker('file.copy', 'work', sub {
  my ($request) = @_;
  my $from = eval { open_beneath($request->{from}, OPEN_READ, 'read') };
  if (!defined $from) {
    fail_with('invalid_request', 'expected a file or directory, got a socket or device', $request->{from})
      if ref $@ eq 'HASH' && ($@->{errno} // '') eq 'ENXIO';
    die $@;
  }
  my $guard = close_at_end($from);
  my $status = status_of($from) or fail_errno($request->{from}, 'cannot examine');
  if (kind_of($status) == KIND_DIRECTORY) {
    copy_tree($request, $from, $status);
  }
  else {
    require_file($status, $request->{from});
    copy_one_file($request, $from, $status);
  }
  return {};
});
