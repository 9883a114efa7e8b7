# A child forked ahead of need: it waits on a socket for what to execute, so that no fork is on a command's way.

# The message is its length (4 bytes) and a list: flags, argv (list), environment to add (list). Descriptors come with the
# first byte, in the order of the flags' letters: c the working directory, i standard input, t the terminal.
# m: standard error goes where standard output goes.
# The socket's end tells that the program was executed; the number of the error, that it was not.
# When nobody is left to say what to execute, a byte in the pipe tells the supervisor that its status means nothing.
sub launched_child {
  my ($launch, $unlaunched) = @_;
  my $give_up = sub { POSIX::write($unlaunched, 'N', 1); POSIX::_exit(0) };
  my $receive = make_receiver($launch, 65_536);
  # What has to be touched after a fork is touched while nobody waits.
  my ($flags, $arguments, $environment) = unpack('x4 (N/a*)3', pack('x4 (N/a*)3', 'cit', pack('(N/a*)*', 'a'), ''));
  my @arguments = unpack('(N/a*)*', $arguments);
  my ($bytes, @descriptors) = receive_whole($launch, $receive);
  $give_up->() unless defined $bytes;
  ($flags, $arguments, $environment) = unpack('x4 (N/a*)3', $bytes);
  my $failed = sub { my $number = $! + 0; POSIX::write($launch, "$number", length $number); POSIX::_exit(127) };
  for my $letter ($flags =~ /[cit]/g) {
    my $descriptor = shift @descriptors;
    if ($letter eq 'c') {
      system_call('fchdir', $descriptor) == 0 or $failed->();
    } elsif ($letter eq 'i') {
      POSIX::dup2($descriptor, 0);
    } else {
      # TIOCSCTTY: the terminal becomes this session's own.
      system_call('ioctl', $descriptor, 0x540e, 0) == 0 or $failed->();
      POSIX::dup2($descriptor, $_) for 0 .. 2;
    }
  }
  POSIX::dup2(1, 2) if $flags =~ /m/;
  for my $pair (unpack('(N/a*)*', $environment)) {
    my ($name, $value) = split /=/, $pair, 2;
    $ENV{$name} = $value if defined $value && $name ne '';
  }
  $ENV{TERM} //= 'xterm-256color' if $flags =~ /t/;
  @arguments = unpack('(N/a*)*', $arguments);
  exec { $arguments[0] } @arguments;
  $failed->();
}
