# Processes that the helper forks for its own work, and who reaps them.
# Nothing else may call waitpid on them: the reaper would have taken the answer, or take another's.

my %child_watchers;

# The signals that the loop hears of through a descriptor. They are blocked, so that none falls between a look and a wait.
my @loop_signals = (POSIX::SIGCHLD(), POSIX::SIGTERM(), POSIX::SIGHUP(), POSIX::SIGINT());

sub listen_to_signals {
  POSIX::sigprocmask(POSIX::SIG_BLOCK(), POSIX::SigSet->new(@loop_signals));
  my $mask = pack('Q', 0);
  vec($mask, $_ - 1, 1) = 1 for @loop_signals;
  my $descriptor = system_call('signalfd4', -1, $mask, 8, $O_CLOEXEC);
  die "signalfd4: $!\n" if $descriptor < 0;
  loop_on_readable($descriptor, sub {
    POSIX::read($descriptor, my $information, 128) or return;
    my $signal = unpack('L', $information);
    $signal == POSIX::SIGCHLD() ? reap_children() : end_of_client();
  });
}

# In a forked child: as if no signal had ever been blocked, ignored or caught, whoever started the helper.
sub reset_signals {
  $SIG{$_} = 'DEFAULT' for grep { !/^(?:KILL|STOP|NUM\d+|ZERO|__\w+)$/ } keys %SIG;
  POSIX::sigprocmask(POSIX::SIG_SETMASK(), POSIX::SigSet->new);
}

# Tells once how a child of the helper ended: $handler->($status) with the wait status.
sub watch_child { my ($pid, $handler) = @_; $child_watchers{$pid} = $handler }

sub is_own_child { return exists $child_watchers{$_[0]} }

sub reap_children {
  while ((my $pid = waitpid(-1, POSIX::WNOHANG())) > 0) {
    my $status = $?;
    my $handler = delete $child_watchers{$pid} or next;
    $handler->($status);
  }
}

# Forks a worker: run => sub in the child (its return value is the exit code), keep => [descriptors that it needs],
# on_exit => sub ($status). The worker dies with the helper and holds nothing of it but `keep` and standard error.
# Returns its pid; dies with an errno when the machine has no room for it.
sub fork_worker {
  my (%options) = @_;
  my $pid = fork;
  die { errno => errno_name($!), message => "fork: $!" } unless defined $pid;
  if ($pid == 0) {
    my $code = eval {
      forget_parent(@{ $options{keep} // [] });
      $options{run}->();
    };
    print STDERR "mooring-helper: $@" if !defined $code && $@ && !ref $@;
    POSIX::_exit($code // 1);
  }
  watch_child($pid, $options{on_exit} // sub { });
  return $pid;
}

# In a forked child: gives up everything of the helper's but the kept descriptors and standard error.
sub forget_parent {
  my (@keep) = @_;
  system_call('prctl', 1, 9, 0, 0, 0);
  loop_forget();
  %REQUESTS = ();
  close_descriptors_but(2, @keep);
  POSIX::open('/dev/null', POSIX::O_RDWR());
  POSIX::open('/dev/null', POSIX::O_RDWR());
  reset_signals();
}

# Closes all open descriptors but these.
sub close_descriptors_but {
  my %keep = map { $_ => 1 } @_;
  my $from = 0;
  for my $kept ((sort { $a <=> $b } keys %keep), 0xffff_ffff) {
    if ($from < $kept && system_call('close_range', $from, $kept - 1, 0) < 0) {
      # Kernels before 5.9.
      opendir(my $directory, '/proc/self/fd') or return;
      my @open = grep { /^\d+$/ && !$keep{$_} } readdir $directory;
      closedir $directory;
      POSIX::close($_) for @open;
      return;
    }
    $from = $kept + 1;
  }
}
