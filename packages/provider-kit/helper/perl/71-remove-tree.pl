# Recursive removal, by descriptors: whatever is exchanged for a link meanwhile, only the link is removed.

# Removes the directory that is at the name in an open directory, with all that is in it.
sub remove_tree_at {
  my ($directory, $name, $path) = @_;
  my @stack;
  my $enter = sub {
    my ($outer, $inner_name, $inner_path) = @_;
    my $inner = open_at($outer, $inner_name, OPEN_LIST);
    return 0 if $inner < 0;
    my $guard = close_at_end($inner);
    my $entries = entries_of($inner) or fail_errno($inner_path, 'cannot list');
    push @stack, { outer => $outer, name => $inner_name, path => $inner_path, fd => $inner, guard => $guard, entries => $entries, tries => 0 };
    return 1;
  };
  if (!$enter->($directory, $name, $path)) {
    # No directory any more: what is there now is one entry.
    fail_errno($path, 'cannot remove') if $! != Errno::ENOTDIR() && $! != Errno::ELOOP();
    fail_errno($path, 'cannot remove') if system_call('unlinkat', $directory, "$name\0", 0) != 0;
    return;
  }
  while (@stack) {
    my $level = $stack[-1];
    if (@{ $level->{entries} }) {
      my ($entry, $type) = splice @{ $level->{entries} }, 0, 2;
      my $entry_path = "$level->{path}/$entry";
      if ($type != ENTRY_DIRECTORY) {
        next if system_call('unlinkat', $level->{fd}, "$entry\0", 0) == 0 || $! == Errno::ENOENT();
        fail_errno($entry_path, 'cannot remove') if $! != Errno::EISDIR();
      }
      next if $enter->($level->{fd}, $entry, $entry_path);
      next if $! == Errno::ENOENT();
      fail_errno($entry_path, 'cannot remove') if $! != Errno::ENOTDIR() && $! != Errno::ELOOP();
      next if system_call('unlinkat', $level->{fd}, "$entry\0", 0) == 0 || $! == Errno::ENOENT();
      fail_errno($entry_path, 'cannot remove');
    }
    if (system_call('unlinkat', $level->{outer}, "$level->{name}\0", A_DIRECTORY) == 0 || $! == Errno::ENOENT()) {
      pop @stack;
      next;
    }
    # Exchanged for something else by now.
    if ($! == Errno::ENOTDIR()) {
      pop @stack;
      next if system_call('unlinkat', $level->{outer}, "$level->{name}\0", 0) == 0 || $! == Errno::ENOENT();
      fail_errno($level->{path}, 'cannot remove');
    }
    # Someone put more into it.
    fail_errno($level->{path}, 'cannot remove') if $! != Errno::ENOTEMPTY() && $! != Errno::EEXIST() || ++$level->{tries} > 16;
    system_call('lseek', $level->{fd}, 0, 0);
    $level->{entries} = entries_of($level->{fd}) or fail_errno($level->{path}, 'cannot list');
    next if @{ $level->{entries} };
    # Empty, and yet another directory is under its name: that one is to go.
    pop @stack;
    next if $enter->($level->{outer}, $level->{name}, $level->{path}) && ($stack[-1]{tries} = $level->{tries});
    fail_errno($level->{path}, 'cannot remove') if $! != Errno::ENOENT();
  }
}

in_worker('file.remove', 'work', sub {
  my ($request) = @_;
  my ($directory, $guard, $name, $absolute) = resolve_parent($request->{path}, 'write');
  refuse_root($directory, $name, $request->{path}) or fail_errno($request->{path}, 'cannot remove');
  remove_tree_at($directory, $name, $absolute);
  return {};
});
