# A command can stop (SIGSTOP) the processes that serve it: they run as its own user, in the same confinement. Whatever
# is asked of a supervisor or the spawner is therefore looked after: one that is stopped is continued, and a supervisor that is
# stopped again is killed, so that its command's tree comes to the helper, which ends it.

my $look_seconds = 0.25;

my (%ordered, $order_timer, $spawner_timer);

# What $seconds from now must be under way: the end of a command.
sub watch_order {
  my ($command, $seconds, $reason) = @_;
  $ordered{ $command->{command_id} } = { command => $command, due => monotonic() + $seconds + $look_seconds, reason => $reason };
  $order_timer //= loop_after($look_seconds, \&look_after_orders);
}

sub look_after_orders {
  $order_timer = undef;
  my $now = monotonic();
  for my $command_id (keys %ordered) {
    my $order = $ordered{$command_id};
    my $command = $order->{command};
    my $slot = $command->{slot};
    # A time that is over means nothing to a command that has ended by itself.
    if (!$slot || $command->{swept} || ($order->{reason} eq 'timeout' && defined $command->{exit})) {
      delete $ordered{$command_id};
    } elsif ($now >= $order->{due} && is_stopped($slot->{pid})) {
      $command->{reason} //= $order->{reason} unless defined $command->{exit};
      # Continued, it can still tell how the command ended.
      kill $order->{continued}++ ? 'KILL' : 'CONT', $slot->{pid};
    }
  }
  $order_timer = loop_after($look_seconds, \&look_after_orders) if %ordered;
}

# Supervisors were asked for. Without one no command starts.
sub watch_spawner {
  my ($is_waiting) = @_;
  $spawner_timer //= loop_after(2 * $look_seconds, sub {
    $spawner_timer = undef;
    return unless defined $SPAWNER && $is_waiting->();
    kill 'CONT', $SPAWNER_PID if is_stopped($SPAWNER_PID);
    watch_spawner($is_waiting);
  });
}

sub is_stopped {
  my ($pid) = @_;
  my (undef, undef, $state) = process_status($pid);
  return ($state // '') =~ /\A[Tt]\z/;
}
