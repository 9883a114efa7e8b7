# A supervisor: the parent and subreaper of one command at a time. Everything that descends from the command comes back to it,
# whatever it did to hide, and is gone when waitpid says that there are no children any more.
#
# To the helper:   R pid + launch socket, stdout, stderr   a child waits for what to execute
#                  F errno     no child could be forked
#                  X status    the command's own process ended ("X status gone" when nothing else is left)
#                  T           its time was over
#                  K pids...   swept; the pids are what could not be killed
# From the helper: L timeoutMs graceMs pid, C graceMs pid, D record + descriptors (becomes durable). The pid is the child's that
# is meant: a message may cross with the end of it, and must not hit the next. The socket's end: sweep and exit.

# Seconds that a child holding the pipes may delay the result by.
our $DRAIN_SECONDS = 0.1;

my %supervised;

sub supervisor_main {
  my ($control) = @_;
  POSIX::setsid();
  $0 = 'mooring-supervisor';
  system_call('prctl', 36, 1, 0, 0, 0) == 0 or POSIX::_exit(1);
  $SIG{CHLD} = sub { };
  POSIX::sigprocmask(POSIX::SIG_BLOCK(), POSIX::SigSet->new(POSIX::SIGCHLD()));
  %supervised = (control => $control, receive => make_receiver($control, 4096));
  prepare_child();
  my ($poll_call, $no_signals) = ($SYSTEM_CALL{ppoll}, pack('Q', 0));
  my $wait_for = pack('l s s', $control, 1, 0);
  while (1) {
    return journal_commands() if $supervised{durable};
    my $deadline = supervisor_deadline();
    my $ready;
    if (defined $deadline) {
      my $left = $deadline - monotonic();
      $left = 0 if $left < 0;
      my $time = pack('q q', int $left, ($left - int $left) * 1e9);
      $ready = syscall($poll_call, $wait_for, 1, $time, $no_signals, 8);
    } else {
      $ready = syscall($poll_call, $wait_for, 1, 0, $no_signals, 8);
    }
    # Always looked for: a signal may come together with a message.
    reap_supervised() if $ready <= 0 || $supervised{sweep};
    supervisor_message() if $ready > 0;
    supervisor_timers() if defined $deadline || $supervised{sweep};
  }
}

sub tell_helper { my ($bytes, $descriptors) = @_; send_message($supervised{control}, $bytes, $descriptors) }

# The next child, forked while nothing else is to be done.
sub prepare_child {
  delete @supervised{qw(pid ended deadline grace sweep reported)};
  POSIX::close(delete $supervised{unlaunched}) if defined $supervised{unlaunched};
  my @made = eval { (make_socket_pair(Socket::SOCK_STREAM()), make_pipe(), make_pipe(), make_pipe()) };
  my $pid = @made == 8 ? fork : undef;
  if (!defined $pid) {
    tell_helper('F' . errno_name($! || POSIX::EMFILE()));
    return POSIX::_exit(1);
  }
  my ($launch, $waiting, $output, $output_end, $errors, $errors_end, $unlaunched, $unlaunched_end) = @made;
  if ($pid == 0) {
    POSIX::setsid();
    $SIG{CHLD} = 'DEFAULT';
    POSIX::sigprocmask(POSIX::SIG_SETMASK(), POSIX::SigSet->new);
    POSIX::dup2($output_end, 1);
    POSIX::dup2($errors_end, 2);
    POSIX::close($_) for $supervised{control}, $launch, $output, $output_end, $errors, $errors_end, $unlaunched;
    launched_child($waiting, $unlaunched_end);
  }
  $supervised{pid} = $pid;
  # What only the child may hold is let go of first: that it is closed is how the helper knows that the child has executed something.
  POSIX::close($_) for $waiting, $output_end, $errors_end, $unlaunched_end;
  tell_helper("R$pid", [$launch, $output, $errors]);
  POSIX::close($_) for $launch, $output, $errors;
  $supervised{unlaunched} = $unlaunched;
  # Walks once over what the command's end will need: after a fork each page costs a fault, now rather than then.
  reap_supervised();
}

sub supervisor_message {
  my ($bytes, @descriptors) = $supervised{receive}->(0x40);
  return unless defined $bytes;
  if ($bytes eq '') {
    # The helper is gone: everything goes with it.
    begin_sweep(0);
    run_sweep_to_its_end();
    POSIX::_exit(0);
  }
  my ($what, $arguments) = (substr($bytes, 0, 1), substr($bytes, 1));
  if ($what eq 'L') {
    my ($timeout, $grace, $pid) = split / /, $arguments;
    return unless $pid == $supervised{pid};
    @supervised{qw(deadline grace)} = (monotonic() + $timeout / 1000, $grace / 1000);
  } elsif ($what eq 'C') {
    my ($grace, $pid) = split / /, $arguments;
    begin_sweep($grace / 1000) if $pid == $supervised{pid};
  } elsif ($what eq 'D') {
    begin_journal($arguments, @descriptors);
  }
}

# Takes the answers of all children that ended.
sub reap_supervised {
  my $gone = 0;
  while (1) {
    my $pid = waitpid(-1, POSIX::WNOHANG());
    if ($pid < 0) { $gone = 1; last }
    last if $pid == 0;
    $supervised{ended} = $? if $pid == $supervised{pid};
  }
  if (defined $supervised{ended} && !$supervised{reported}) {
    $supervised{reported} = 1;
    delete $supervised{deadline};
    tell_helper("X$supervised{ended}" . ($gone ? ' gone' : ''));
  }
  supervised_gone() if $gone;
}

sub supervised_gone {
  tell_helper('K') if $supervised{sweep} && !$supervised{sweep}{reported};
  prepare_child();
}

sub supervisor_deadline {
  my $sweep = $supervised{sweep} or return $supervised{deadline};
  return $sweep->{next};
}

sub supervisor_timers {
  my $now = monotonic();
  if (my $sweep = $supervised{sweep}) {
    advance_sweep() if $sweep->{next} <= $now;
  } elsif (defined $supervised{deadline} && $supervised{deadline} <= $now) {
    tell_helper('T');
    begin_sweep(delete $supervised{grace});
  }
}
