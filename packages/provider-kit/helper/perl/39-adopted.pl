# The orphans of a supervisor that died: the helper, the next subreaper above, ends them. Whose they were cannot be told any
# more; that they descend from the helper and from no living supervisor is enough.

my (@dead_supervisors, @adopted_waiters, $adopted_timer);

# Calls back when nothing of it is left (or what is left cannot be killed: the survivors are handed over).
sub sweep_adopted {
  my ($supervisor, $handler) = @_;
  push @dead_supervisors, $supervisor;
  push @adopted_waiters, $handler;
  $adopted_timer->{deadline} = monotonic() + 3;
  adopted_round();
}

# On SIGCHLD.
sub reap_adopted { adopted_round() if @adopted_waiters }

sub adopted_round {
  loop_cancel($adopted_timer->{timer});
  my %own = map { $_ => 1 } $SPAWNER_PID, worker_processes(), pool_supervisors(), durable_supervisors();
  # A supervisor's socket ends before its children change hands.
  @dead_supervisors = grep { my (undef, undef, $state) = process_status($_); defined $state && $state ne 'Z' } @dead_supervisors;
  my @left = kill_round(sub { descendants_of($$, undef, \%own) });
  for my $pid (all_processes()) {
    next if $own{$pid};
    my ($parent) = process_status($pid) or next;
    waitpid($pid, POSIX::WNOHANG()) if $parent == $$;
  }
  if ((@left || @dead_supervisors) && monotonic() < $adopted_timer->{deadline}) {
    $adopted_timer->{timer} = loop_after(0.003, \&adopted_round);
    return;
  }
  $_->(@left) for splice @adopted_waiters;
}
