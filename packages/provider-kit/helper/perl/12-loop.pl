# The event loop: epoll by system call (descriptor numbers pass 1,024 with many commands), timers on the monotonic clock.
# Handlers are level-triggered: one that is told "readable" may read once, without setting the descriptor non-blocking.

my ($epoll, @on_readable, @on_writable, @interest, %always_ready, @timers);
my $loop_running = 0;

# The time at which the loop last woke. Good enough for what need not be exact, and free.
our $NOW = monotonic();

# A descriptor closed in one round may be open again under the same number, with an event of the old one still to come:
# the round in which each was last given up tells.
my ($round, @given_up) = (1);

# struct epoll_event is packed on x86-64 only.
my ($event_format, $event_size) = $SYSTEM_CALL{read} == 0 ? ('L l x4', 12) : ('L x4 l x4', 16);
my $events_capacity = 128;
my $events_buffer = "\0" x ($event_size * $events_capacity);
my ($epoll_wait_call, $epoll_control_call) = @SYSTEM_CALL{'epoll_pwait', 'epoll_ctl'};

sub loop_start {
  $epoll = system_call('epoll_create1', $O_CLOEXEC);
  die "epoll_create1: $!\n" if $epoll < 0;
}

sub set_interest {
  my ($descriptor) = @_;
  my $wanted = ($on_readable[$descriptor] ? 0x001 : 0) | ($on_writable[$descriptor] ? 0x004 : 0);
  my $present = $interest[$descriptor] // 0;
  return if $wanted == $present;
  $interest[$descriptor] = $wanted;
  $given_up[$descriptor] = $round if !$wanted;
  if ($always_ready{$descriptor}) {
    delete $always_ready{$descriptor} unless $wanted;
    return;
  }
  my $event = pack($event_format, $wanted, $descriptor);
  my $operation = $present == 0 ? 1 : $wanted == 0 ? 2 : 3;
  return if syscall($epoll_control_call, $epoll, $operation, $descriptor, $event) == 0;
  # Plain files cannot be waited for: they are always ready.
  if ($operation == 1 && $! == $EPERM) { $always_ready{$descriptor} = 1 }
  elsif ($operation != 2) { $interest[$descriptor] = 0; die { errno => errno_name($!), message => "epoll_ctl: $!" } }
}

sub loop_on_readable { my ($descriptor, $handler) = @_; $on_readable[$descriptor] = $handler; set_interest($descriptor) }
sub loop_off_readable { my ($descriptor) = @_; $on_readable[$descriptor] = undef; set_interest($descriptor) }
sub loop_on_writable { my ($descriptor, $handler) = @_; $on_writable[$descriptor] = $handler; set_interest($descriptor) }
sub loop_off_writable { my ($descriptor) = @_; $on_writable[$descriptor] = undef; set_interest($descriptor) }

# Leaves the loop and closes: the kernel would go on reporting a descriptor of which a forked worker holds a copy.
sub loop_close {
  my ($descriptor) = @_;
  $on_readable[$descriptor] = $on_writable[$descriptor] = undef;
  set_interest($descriptor);
  POSIX::close($descriptor);
}

# Calls back once after that many seconds; the timer is for loop_cancel.
sub loop_after {
  my ($seconds, $handler) = @_;
  my $timer = [monotonic() + $seconds, $handler];
  my ($low, $high) = (0, scalar @timers);
  while ($low < $high) {
    my $middle = ($low + $high) >> 1;
    if ($timers[$middle][0] <= $timer->[0]) { $low = $middle + 1 } else { $high = $middle }
  }
  splice(@timers, $low, 0, $timer);
  return $timer;
}

sub loop_cancel {
  my ($timer) = @_;
  return unless $timer;
  $timer->[1] = undef;
  shift @timers while @timers && !$timers[0][1];
}

sub run_timers {
  while (@timers && $timers[0][0] <= $NOW) {
    my $timer = shift @timers;
    my $handler = $timer->[1] or next;
    $timer->[1] = undef;
    $handler->();
  }
}

sub loop_stop { $loop_running = 0 }

# Runs until loop_stop. $before_wait is called before each wait: output is flushed there, so that the frames of one round
# leave in one write.
sub loop_run {
  my ($before_wait) = @_;
  $loop_running = 1;
  while ($loop_running) {
    $before_wait->();
    last unless $loop_running;
    my $milliseconds = -1;
    if (@timers) {
      $milliseconds = ($timers[0][0] - $NOW) * 1000;
      $milliseconds = $milliseconds < 0 ? 0 : int($milliseconds) + 1;
    }
    $milliseconds = 0 if %always_ready;
    my $count = syscall($epoll_wait_call, $epoll, $events_buffer, $events_capacity, $milliseconds, 0, 8);
    $NOW = monotonic();
    if ($count > 0) {
      my @events = unpack("($event_format)$count", $events_buffer);
      while (@events) {
        my ($happened, $descriptor) = splice(@events, 0, 2);
        next if ($given_up[$descriptor] // 0) == $round;
        # Errors and hang-ups go to whoever listens: its read or write then says which.
        if ($happened & 0x019 and my $handler = $on_readable[$descriptor]) { $handler->() }
        if ($happened & 0x01c and my $handler = $on_writable[$descriptor]) { $handler->() }
      }
      $round++;
    }
    for my $descriptor (keys %always_ready) {
      if (my $handler = $on_readable[$descriptor]) { $handler->() }
      if (my $handler = $on_writable[$descriptor]) { $handler->() }
    }
    run_timers() if @timers && $timers[0][0] <= $NOW;
  }
}

# In a forked child: the parent's epoll must not be touched, and nothing of its loop happens here.
sub loop_forget {
  POSIX::close($epoll) if defined $epoll;
  ($epoll, @on_readable, @on_writable, @interest, %always_ready, @timers) = ();
}
