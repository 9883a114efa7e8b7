# Quick operations, done at once in the loop: stat, small reads, directories made, renames, removal of one entry.

# What is answered in one frame without credit, and read in the loop.
use constant SMALL_BYTES => 262_144;

sub stat_file {
  my ($id, $request) = @_;
  my $flags = OPEN_PATH | ($request->{follow} ? 0 : O_NOFOLLOW);
  my ($descriptor, $path) = open_beneath($request->{path}, $flags, 'read');
  my $guard = close_at_end($descriptor);
  $path = real_path_beneath($descriptor, $path);
  my $status = status_of($descriptor) or fail_errno($request->{path}, 'cannot examine');
  my $target = kind_of($status) == KIND_LINK ? link_target_at($descriptor, '') : undef;
  send_frame(0x81, $id, info_record($path, $status, $target));
  finish_request($id);
}
$OPERATIONS{'file.stat'} = \&stat_file;

# A path with ".." in it is told as where it led.
sub real_path_beneath {
  my ($descriptor, $path) = @_;
  return $path if index($path, '..') < 0 || $path !~ m{(?:\A|/)\.\.(?:/|\z)};
  return readlink("/proc/self/fd/$descriptor") // $path;
}

sub require_file {
  my ($status, $path) = @_;
  my $kind = kind_of($status);
  return if $kind == KIND_FILE;
  my $what =
     $kind == KIND_DIRECTORY ? 'a directory'
    : $kind == KIND_FIFO      ? 'a FIFO'
    : $kind == KIND_SOCKET    ? 'a socket'
    :                           'a device';
  fail_with('invalid_request', "expected a regular file, got $what", $path);
}

# A regular file, open for reading, its path and status; two values more that keep nothing open by mistake.
sub open_regular {
  my ($path) = @_;
  my ($descriptor, $absolute) = eval { open_beneath($path, OPEN_READ, 'read') };
  if (!defined $descriptor) {
    # A socket cannot be opened at all.
    fail_with('invalid_request', 'expected a regular file, got a socket or device', $path)
      if ref $@ eq 'HASH' && ($@->{errno} // '') eq 'ENXIO';
    die $@;
  }
  my $guard  = close_at_end($descriptor);
  my $status = status_of($descriptor) or fail_errno($path, 'cannot examine');
  require_file($status, $path);
  return ($descriptor, $guard, $absolute, $status);
}

sub number_in {
  my ($request, $key, $default) = @_;
  my $value = $request->{$key} // $default // '';
  fail_with('invalid_request', "expected `$key` to be a non-negative integer, got `$value`") if $value !~ /\A\d{1,15}\z/;
  return $value + 0;
}

# Small enough: true when it was answered.
sub read_at_once {
  my ($id, $request, $most) = @_;
  my $offset = number_in($request, 'offset', 0);
  my ($descriptor, $guard, $path, $status) = open_regular($request->{path});
  my $size = $status->[SIZE];
  my $rest = $size > $offset ? $size - $offset : 0;
  # Some files, those of /proc among them, have no size and yet contents.
  my $limit = $size == 0 ? SMALL_BYTES : $rest;
  $limit = $most if $most < $limit;
  return 0 if $limit > SMALL_BYTES;
  POSIX::lseek($descriptor, $offset, 0) if $offset;
  my $contents = read_up_to($descriptor, $limit);
  fail_errno($request->{path}, 'cannot read') if !defined $contents;
  my $length    = length $contents;
  my $truncated = $offset + $length < $size;
  if ($size == 0 && $length == $limit && $length) {
    $truncated = POSIX::read($descriptor, my $more, 1) > 0;
    return 0 if $truncated && $limit < $most;
  }
  send_data($id, 1, $contents) if $length;
  my %result = (path => $path, size => $size, version => version_of($status), dataBytes => $length);
  $result{truncated} = 1 if $truncated;
  send_result($id, \%result);
  return 1;
}

$OPERATIONS{'file.read'} = sub {
  my ($id, $request) = @_;
  my $most = number_in($request, 'maxBytes', 16_777_216);
  return if read_at_once($id, $request, $most);
  start_in_worker($id, $request, 'stream');
};

$OPERATIONS{'file.readStream'} = sub {
  my ($id, $request) = @_;
  my $credit = number_in($request, 'credit', 0);
  return if $credit >= SMALL_BYTES && read_at_once($id, $request, 9e15);
  start_in_worker($id, $request, 'stream');
};

sub make_directories_beneath {
  my ($path, $mode) = @_;
  my ($root, $components) = locate($path, 'write');
  my $descriptor = directory_made($root, [@$components], $mode, $path);
  return close_at_end($descriptor);
}

# A descriptor of the directory, made with its parents where they are missing: downwards, each beneath the descriptor of
# the one before.
sub directory_made {
  my ($root, $components, $mode, $path) = @_;
  my $found = open_present_directory($root, $components, $path);
  return $found if defined $found;
  my ($current, $guard) = ($root->{fd});
  for my $index (0 .. $#$components) {
    my $name  = $components->[$index];
    my $last  = $index == $#$components;
    my $inner = $name eq '..' ? -1 : open_at($current, $name, OPEN_WALK);
    if ($inner < 0 && $name ne '..' && $! == Errno::ENOENT()) {
      make_one_directory($current, $name, $last ? $mode : undef, $path);
      $inner = open_at($current, $name, OPEN_WALK);
    }
    if ($inner < 0) {
      fail_errno($path, 'cannot make a directory') if $name ne '..' && $! != Errno::ENOTDIR() && $! != Errno::ELOOP();
      # A link, which may lead to a directory.
      $inner = open_present_directory($root, [ @$components[ 0 .. $index ] ], $path);
      fail_in_place($path) if !defined $inner;
    }
    return $inner if $last;
    $guard   = close_at_end($inner);
    $current = $inner;
  }
  fail_in_place($path);
}

# undef where there is none; something else in its place is an error.
sub open_present_directory {
  my ($root, $components, $path) = @_;
  my $descriptor = eval { open_components($root, $components, OPEN_PATH | O_DIRECTORY, 'write', 0, $path) };
  return $descriptor if defined $descriptor;
  my $error = $@;
  my $errno = ref $error eq 'HASH' ? $error->{errno} // '' : '';
  return undef       if $errno eq 'ENOENT';
  fail_in_place($path) if $errno eq 'ENOTDIR';
  die $error;
}

sub fail_in_place {
  my ($path) = @_;
  die { errno => 'EEXIST', message => 'cannot make a directory: something else is in its place', path => $path };
}

sub make_one_directory {
  my ($parent, $name, $mode, $path) = @_;
  # An exact mode is exact whatever the umask.
  my $umask = defined $mode ? umask 0 : undef;
  my $made  = system_call('mkdirat', $parent, "$name\0", $mode // 0777);
  my $errno = $! + 0;
  umask $umask if defined $umask;
  $! = $errno;
  fail_errno($path, 'cannot make a directory') if $made != 0 && $! != Errno::EEXIST();
}

sub mode_in {
  my ($request) = @_;
  return undef if !defined $request->{mode};
  my $mode = number_in($request, 'mode');
  fail_with('invalid_request', "expected `mode` to be at most 4095 (0o7777), got $mode") if $mode > 07777;
  return $mode;
}

$OPERATIONS{'file.makeDirectory'} = sub {
  my ($id, $request) = @_;
  make_directories_beneath($request->{path}, mode_in($request));
  send_result($id, {});
};

# A root stays where it is, by whatever name it is reached.
sub refuse_root {
  my ($directory, $name, $path) = @_;
  my $status = status_at($directory, $name, NOT_FOLLOWED) or return undef;
  if (kind_of($status) == KIND_DIRECTORY && is_pinned_identity(identity_of($status))) {
    fail_with('invalid_request', 'a root of the session cannot be renamed, replaced or removed', $path);
  }
  return $status;
}

$OPERATIONS{'file.rename'} = sub {
  my ($id, $request) = @_;
  my ($from, $from_guard, $old) = resolve_parent($request->{from}, 'write');
  my ($to,   $to_guard,   $new) = resolve_parent($request->{to},   'write');
  refuse_root($from, $old, $request->{from}) or fail_errno($request->{from}, 'cannot rename');
  refuse_root($to, $new, $request->{to});
  if (system_call('renameat2', $from, "$old\0", $to, "$new\0", 0) != 0) {
    fail_with('invalid_request', '`from` and `to` are on different file systems: copy and remove instead', $request->{to})
      if $! == Errno::EXDEV();
    fail_errno($! == Errno::ENOENT() ? $request->{from} : $request->{to}, 'cannot rename');
  }
  send_result($id, {});
};

$OPERATIONS{'file.remove'} = sub {
  my ($id, $request) = @_;
  my ($directory, $guard, $name, undef, $as_directory) = resolve_parent($request->{path}, 'write');
  my $status = refuse_root($directory, $name, $request->{path}) or fail_errno($request->{path}, 'cannot remove');
  my $is_directory = kind_of($status) == KIND_DIRECTORY;
  return start_in_worker($id, $request, 'work') if $is_directory && $request->{recursive};
  $! = Errno::ENOTDIR();
  fail_errno($request->{path}, 'cannot remove') if $as_directory && !$is_directory;
  if (system_call('unlinkat', $directory, "$name\0", $is_directory ? A_DIRECTORY : 0) != 0) {
    fail_errno($request->{path}, 'cannot remove');
  }
  send_result($id, {});
};
