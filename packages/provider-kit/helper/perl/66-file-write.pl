# Writing: a temporary file beside the destination, made whole and synchronised, then renamed over it. Others see the
# old contents or the new. A destination with several hard links is replaced under this name only.

# Held from the check of a version to the rename, so that of two writers in this session that know the same version
# one wins. Locks belong to processes, hence the descriptor can be shared.
my $VERSION_LOCK;

{
  my $name       = "mooring\0";
  my $descriptor = system_call('memfd_create', $name, 1);
  $VERSION_LOCK = $descriptor if $descriptor >= 0;
}

sub version_lock_descriptors { return defined $VERSION_LOCK ? $VERSION_LOCK : () }

sub lock_versions {
  return if !defined $VERSION_LOCK;
  my $lock = pack 's s x4 q q i x4', Fcntl::F_WRLCK(), 0, $_[0] % 2**62, 1, 0;
  1 while system_call('fcntl', $VERSION_LOCK, Fcntl::F_SETLKW(), $lock) < 0 && $! == Errno::EINTR();
  return bless [ $_[0] ], 'Mooring::VersionLock';
}

sub Mooring::VersionLock::DESTROY {
  my $lock = pack 's s x4 q q i x4', Fcntl::F_UNLCK(), 0, $_[0][0] % 2**62, 1, 0;
  system_call('fcntl', $VERSION_LOCK, Fcntl::F_SETLK(), $lock);
}

# Removes its file unless it was renamed: on errors, on abandonment, at the end of the helper. It is there before its file
# is: between the two an abandonment could come, and nobody would know of the file.
sub Mooring::Temporary::DESTROY {
  my ($temporary) = @_;
  local ($@, $!);
  system_call('unlinkat', $temporary->{directory}, "$temporary->{name}\0", 0) if defined $temporary->{name};
  POSIX::close($temporary->{descriptor}) if ($temporary->{descriptor} // -1) >= 0;
}

sub open_temporary {
  my ($directory, $mode, $path) = @_;
  for (1 .. 8) {
    my $temporary = bless { directory => $directory, name => random_name() }, 'Mooring::Temporary';
    $temporary->{descriptor} = open_at($directory, $temporary->{name}, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, $mode);
    return $temporary if $temporary->{descriptor} >= 0;
    # Whatever is there is not ours to remove.
    $temporary->{name} = undef;
    fail_errno($path, 'cannot write') if $! != Errno::EEXIST();
  }
  fail_errno($path, 'cannot write');
}

sub require_version {
  my ($expected, $status, $path) = @_;
  return if !defined $expected;
  my $found = $status ? version_of($status) : '';
  return if $found eq $expected;
  my $message =
     $expected eq '' ? 'the file exists already'
    : $found eq ''    ? 'the file is gone'
    :                   'the file was changed by someone else';
  fail_with('conflict', "$message: `ifVersion` does not hold", $path);
}

sub write_file {
  my ($request) = @_;
  my $path     = $request->{path};
  my $mode     = mode_in($request);
  my $expected = $request->{ifVersion};
  my ($directory, $guard, $name, $absolute, $status) = eval { resolve_destination($path) };
  if (!defined $directory) {
    my $missing = ref $@ eq 'HASH' && ($@->{errno} // '') eq 'ENOENT';
    die $@ if !$missing || !$request->{createParents};
    my ($root, $components) = locate($path, 'write');
    my $made = close_at_end(directory_made($root, [ @$components[ 0 .. $#$components - 1 ] ], undef, $path));
    ($directory, $guard, $name, $absolute, $status) = resolve_destination($path);
  }
  require_version($expected, $status, $path);
  if ($status) {
    require_file($status, $path);
    # A rename asks only for the directory's permission; the file's own is a wish to be honoured as well.
    fail_errno($path, 'cannot write') if system_call('faccessat', $directory, "$name\0", 2) != 0;
    $mode //= $status->[MODE] & 07777;
  }
  my $temporary  = open_temporary($directory, defined $mode ? 0600 : 0666, $path);
  my $descriptor = $temporary->{descriptor};
  my $size       = put_contents($descriptor, $request, $path);
  if ($status && $> == 0) {
    my $mine = status_of($descriptor);
    if ($mine && ($mine->[USER] != $status->[USER] || $mine->[GROUP] != $status->[GROUP])) {
      # Best effort: not every file system has owners.
      system_call('fchown', $descriptor, $status->[USER], $status->[GROUP]);
    }
  }
  fail_errno($path, 'cannot set the mode') if defined $mode && system_call('fchmod', $descriptor, $mode) != 0;
  fail_errno($path, 'cannot write')        if system_call('fsync', $descriptor) != 0;
  put_in_place($temporary, $name, $expected, $path);
  # A directory that may not be read cannot be synchronised; the file itself was.
  if (system_call('fsync', $directory) != 0 && $! != Errno::EBADF() && $! != Errno::EINVAL()) {
    fail_errno($path, 'cannot synchronise the directory');
  }
  my $written = status_of($descriptor) or fail_errno($path, 'cannot examine');
  return { version => version_of($written), size => $size };
}

sub put_in_place {
  my ($temporary, $name, $expected, $path) = @_;
  my $directory = $temporary->{directory};
  my $lock;
  if (defined $expected && $expected ne '') {
    my $holder = status_of($directory) or fail_errno($path, 'cannot examine');
    $lock = lock_versions($holder->[INODE]);
    my $status = status_at($directory, $name, NOT_FOLLOWED);
    fail_errno($path, 'cannot examine') if !$status && $! != Errno::ENOENT();
    require_version($expected, $status, $path);
  }
  if (defined $expected && $expected eq '') {
    put_new_in_place($temporary, $name, $path);
  }
  elsif (system_call('renameat2', $directory, "$temporary->{name}\0", $directory, "$name\0", 0) != 0) {
    fail_errno($path, 'cannot write');
  }
  delete $temporary->{name};
}

# Only where nothing is. File systems that cannot rename so can link.
sub put_new_in_place {
  my ($temporary, $name, $path) = @_;
  my $directory = $temporary->{directory};
  return if system_call('renameat2', $directory, "$temporary->{name}\0", $directory, "$name\0", 1) == 0;
  if ($! == Errno::EINVAL() || $! == Errno::ENOSYS()) {
    if (system_call('linkat', $directory, "$temporary->{name}\0", $directory, "$name\0", 0) == 0) {
      system_call('unlinkat', $directory, "$temporary->{name}\0", 0);
      return;
    }
  }
  fail_with('conflict', 'the file exists already: `ifVersion` does not hold', $path) if $! == Errno::EEXIST();
  fail_errno($path, 'cannot write');
}

sub put_contents {
  my ($descriptor, $request, $path) = @_;
  if (defined $request->{contents}) {
    write_all($descriptor, $request->{contents}) or fail_errno($path, 'cannot write');
    return length $request->{contents};
  }
  my $size = 0;
  while (defined(my $bytes = next_input())) {
    write_all($descriptor, $bytes) or fail_errno($path, 'cannot write');
    $size += length $bytes;
  }
  return $size;
}

in_worker('file.write', 'work', \&write_file);
