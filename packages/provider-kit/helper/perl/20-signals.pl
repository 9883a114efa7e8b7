# The signals that the loop hears of through a descriptor. They are blocked, so that none falls between a look and a wait.
my @loop_signals = (POSIX::SIGCHLD(), POSIX::SIGTERM(), POSIX::SIGHUP(), POSIX::SIGINT());

my $original_mask = POSIX::SigSet->new;

sub listen_to_signals {
  POSIX::sigprocmask(POSIX::SIG_BLOCK(), POSIX::SigSet->new(@loop_signals), $original_mask);
  my $mask = pack('Q', 0);
  vec($mask, $_ - 1, 1) = 1 for @loop_signals;
  my $descriptor = system_call('signalfd4', -1, $mask, 8, $O_CLOEXEC);
  die "signalfd4: $!\n" if $descriptor < 0;
  loop_on_readable($descriptor, sub {
    POSIX::read($descriptor, my $information, 128) or return;
    my $signal = unpack('L', $information);
    if ($signal != POSIX::SIGCHLD()) { end_of_client() } elsif (%SESSION) { reap_adopted() } else { reap_helpers() }
  });
}

# In a forked helper: as the hub found them.
sub forget_signals {
  $SIG{PIPE} = 'DEFAULT';
  POSIX::sigprocmask(POSIX::SIG_SETMASK(), $original_mask);
}
