# Supervisors seen from the helper: some wait ahead of need, each with a child that only has to be told what to execute.

# How many wait, how many may be on their way at once in a burst, and from how many on the idle are sent home.
my ($idle_target, $most_starting, $most_idle) = (3, 32, 8);

# How many go home at the same time, and how long the next ones wait.
my ($most_leaving, $leaving_seconds) = (8, 0.05);

my (%slots, @idle_slots, @waiting_for_slot);
my ($starting, $shrink_timer) = (0, undef);
my $receive_from_spawner;

sub start_pool {
  $receive_from_spawner = make_receiver($SPAWNER, 1024);
  loop_on_readable($SPAWNER, \&spawner_message);
  refill_pool();
}

# Spawner and pool at the first need of them, or after a while.
my ($start_now, $start_timer);

sub start_pool_later {
  my ($start, $seconds) = @_;
  $start_now = $start;
  # What fails now is told to whoever needs it.
  $start_timer = loop_after($seconds, sub { eval { start_waiting_pool() } unless $SESSION_ENDING });
}

sub start_waiting_pool {
  return unless $start_now;
  loop_cancel($start_timer);
  $start_now->();
  $start_now = undef;
}

sub pool_supervisors { return map { $_->{pid} } values %slots }

# Hands a slot to $handler now or when there is one: $handler->($slot), or $handler->(undef, $errno_name).
# Returns a ticket for pool_give_up.
sub pool_take {
  my ($handler) = @_;
  if (!eval { start_waiting_pool(); 1 }) {
    my $error = $@;
    $handler->(undef, ref $error ? $error->{errno} // $error->{message} : $error);
    return undef;
  }
  if (my $slot = shift @idle_slots) {
    $slot->{state} = 'busy';
    $handler->($slot);
    refill_pool();
    return undef;
  }
  push @waiting_for_slot, $handler;
  refill_pool();
  return $handler;
}

sub pool_give_up {
  my ($ticket) = @_;
  @waiting_for_slot = grep { $_ != $ticket } @waiting_for_slot;
}

sub refill_pool {
  return if $SESSION_ENDING || !defined $SPAWNER;
  my $wanted = $idle_target + @waiting_for_slot - @idle_slots - $starting;
  $wanted = $most_starting - $starting if $wanted > $most_starting - $starting;
  return if $wanted <= 0;
  $starting += $wanted if send_message($SPAWNER, "$wanted", undef, 0x40);
  watch_spawner(sub { $starting > 0 });
}

sub spawner_message {
  my ($bytes, $control) = $receive_from_spawner->(0x40);
  return if !defined $bytes && $! == $EAGAIN;
  if (!defined $bytes || $bytes eq '') {
    loop_close($SPAWNER);
    $SPAWNER = undef;
    return fail_session({ code => 'internal', message => 'the process that starts commands died' });
  }
  my ($what, $argument) = (substr($bytes, 0, 1), substr($bytes, 1));
  if ($what eq 'S' && defined $control) {
    my $slot = { pid => $argument, control => $control, state => 'starting', receive => make_receiver($control, 1024) };
    $slots{$argument} = $slot;
    return if eval { loop_on_readable($control, sub { slot_message($slot) }); 1 };
    POSIX::close($control);
    delete $slots{$argument};
    ($what, $argument) = ('E', 'EMFILE');
  }
  # A socket that came without its descriptor found no room in our table.
  no_slot($what eq 'E' ? $argument : 'EMFILE');
}

# One of those on their way will not come: whoever waited longest is told.
sub no_slot {
  my ($errno_name) = @_;
  $starting-- if $starting > 0;
  my $handler = shift @waiting_for_slot or return;
  $handler->(undef, $errno_name);
  # The others have their try: each takes one off the list, whatever becomes of it.
  refill_pool() if @waiting_for_slot && $starting == 0;
}

sub slot_message {
  my ($slot) = @_;
  my ($bytes, @descriptors) = $slot->{receive}->(0x40);
  return if !defined $bytes && $! == $EAGAIN;
  return slot_died($slot) if !defined $bytes || $bytes eq '';
  my ($what, $arguments) = (substr($bytes, 0, 1), substr($bytes, 1));
  my $command = $slot->{command};
  if ($what eq 'X') {
    my ($status, $gone) = split / /, $arguments;
    command_process_ended($command, $status, $gone) if $command;
  } elsif ($what eq 'R') {
    if ($command) {
      $slot->{command} = undef;
      command_all_gone($command);
    }
    return slot_broken($slot, @descriptors) if @descriptors != 3;
    slot_ready($slot, $arguments, @descriptors);
  } elsif ($what eq 'T') {
    $command->{reason} //= 'timeout' if $command;
  } elsif ($what eq 'K') {
    command_swept($command, split / /, $arguments) if $command;
  } elsif ($what eq 'F') {
    $slot->{failed} = $arguments;
  }
}

sub slot_ready {
  my ($slot, $child, @descriptors) = @_;
  close_slot_child($slot);
  $starting-- if $slot->{state} eq 'starting';
  # The child of an idle one may have been killed; it is in the list already.
  @idle_slots = grep { $_ != $slot } @idle_slots if $slot->{state} eq 'idle';
  $slot->{child} = $child;
  @$slot{qw(launch output errors)} = @descriptors;
  if (my $handler = shift @waiting_for_slot) {
    $slot->{state} = 'busy';
    $handler->($slot);
    refill_pool() if @waiting_for_slot;
    return;
  }
  $slot->{state} = 'idle';
  push @idle_slots, $slot;
  $shrink_timer //= loop_after(1, \&shrink_pool) if @idle_slots > $most_idle;
}

# Without room for its descriptors the slot is of no use.
sub slot_broken {
  my ($slot, @descriptors) = @_;
  POSIX::close($_) for @descriptors;
  $slot->{failed} = 'EMFILE';
  slot_died($slot);
}

sub close_slot_child {
  my ($slot) = @_;
  for my $name (qw(launch output errors)) {
    my $descriptor = delete $slot->{$name};
    POSIX::close($descriptor) if defined $descriptor;
  }
}

# After a burst most go home: the end of its socket tells a supervisor to. Not all at the same time: the end of a thousand of
# them keeps two processors busy for a second, in which nothing else gets its turn.
sub shrink_pool {
  $shrink_timer = undef;
  for (1 .. $most_leaving) { dismiss_slot(pop @idle_slots) if @idle_slots > $most_idle }
  $shrink_timer = loop_after($leaving_seconds, \&shrink_pool) if @idle_slots > $most_idle;
}

sub dismiss_slot {
  my ($slot) = @_;
  close_slot_child($slot);
  loop_close($slot->{control});
  delete $slots{$slot->{pid}};
}

# A supervisor that became durable: its socket ends, and it minds that no more.
sub release_slot {
  my ($slot) = @_;
  loop_close($slot->{control});
  delete $slots{$slot->{pid}};
}

sub dismiss_all_slots { dismiss_slot($_) for values %slots }
sub dismiss_idle_slots { dismiss_slot($_) for splice @idle_slots }

sub slot_died {
  my ($slot) = @_;
  @idle_slots = grep { $_ != $slot } @idle_slots;
  my ($command, $state) = @$slot{qw(command state)};
  dismiss_slot($slot);
  no_slot($slot->{failed} // 'EAGAIN') if $state eq 'starting';
  $slot->{command} = undef;
  # An idle one that died may have left its child.
  sweep_adopted($slot->{pid}, sub { command_supervisor_died($command, @_) if $command });
  refill_pool() if $state ne 'starting';
}
