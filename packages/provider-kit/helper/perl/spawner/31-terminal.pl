# Terminals: made outside the confinement and handed to the child as its controlling one.

# (our end, the command's end) of a new terminal of that size.
sub open_terminal {
  my ($columns, $rows) = @_;
  my $path = "/dev/ptmx\0";
  my $master = system_call('openat', -100, $path, 2 | 0x100 | $O_CLOEXEC, 0);
  die { errno => errno_name($!), message => "cannot open a terminal: $!" } if $master < 0;
  my $unlocked = pack('i', 0);
  system_call('ioctl', $master, 0x4004_5431, $unlocked);
  # TIOCGPTPEER: by descriptor, so that no other mount of /dev/pts can be meant. Kernels before 4.13 go by the name.
  my $terminal = system_call('ioctl', $master, 0x5441, 2 | 0x100 | $O_CLOEXEC);
  if ($terminal < 0) {
    my $number = pack('I', 0);
    if (system_call('ioctl', $master, 0x8004_5430, $number) == 0) {
      $terminal = system_call('openat', -100, '/dev/pts/' . unpack('I', $number) . "\0", 2 | 0x100 | $O_CLOEXEC, 0);
    }
  }
  if ($terminal < 0) {
    my $error = { errno => errno_name($!), message => "cannot open the terminal's other end: $!" };
    POSIX::close($master);
    die $error;
  }
  resize_terminal($master, $columns, $rows);
  set_non_blocking($master);
  return ($master, $terminal);
}

# The kernel sends SIGWINCH to who is in the foreground.
sub resize_terminal {
  my ($master, $columns, $rows) = @_;
  my $size = pack('S4', $rows, $columns, 0, 0);
  system_call('ioctl', $master, 0x5414, $size);
}
