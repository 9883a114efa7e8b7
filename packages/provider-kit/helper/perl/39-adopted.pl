# The orphans of a supervisor that died: the helper, the next subreaper above, ends them. Whose they were cannot be told any
# more; that they descend from the helper and from no living supervisor is enough.

my (@dead_supervisors, @adopted_waiters, $adopted_timer);

# Looks that find nobody, one after the other, before it is believed.
my $empty_looks = 3;

# Calls back when nothing of it is left (or what is left cannot be killed: the survivors are handed over).
sub sweep_adopted {
  my ($supervisor, $handler) = @_;
  push @dead_supervisors, $supervisor;
  push @adopted_waiters, $handler;
  @$adopted_timer{qw(deadline empty)} = (monotonic() + 3, 0);
  adopted_round();
}

# On SIGCHLD: whoever comes to the helper is ended and waited for, also when nobody waits for the news.
sub reap_adopted {
  return if defined $adopted_timer->{timer} || !%SESSION;
  adopted_round() if @adopted_waiters || adopted_children();
}

# Children that are none of the helper's own.
sub adopted_children {
  my %own = map { $_ => 1 } grep { defined } $SPAWNER_PID, worker_processes(), pool_supervisors(), durable_supervisors();
  return grep { !$own{$_} } children_of($$);
}

sub adopted_round {
  loop_cancel($adopted_timer->{timer});
  $adopted_timer->{timer} = undef;
  # A supervisor's socket ends before its children change hands.
  @dead_supervisors = grep { my (undef, undef, $state) = process_status($_); defined $state && $state ne 'Z' } @dead_supervisors;
  my @left = kill_round(sub { grep { !is_zombie($_) } with_listed_children(adopted_children()) });
  my @children = adopted_children();
  waitpid($_, POSIX::WNOHANG()) for @children;
  # One that forks and exits leaves at least a zombie between two looks.
  $adopted_timer->{empty} = @left || @children || @dead_supervisors ? 0 : ($adopted_timer->{empty} // 0) + 1;
  my $is_over = $adopted_timer->{empty} >= $empty_looks;
  my $is_late = monotonic() >= ($adopted_timer->{deadline} // 0);
  if ($is_over || $is_late) { $_->(@left) for splice @adopted_waiters }
  return if $is_over;
  # What could not be killed in time is tried again, less often.
  $adopted_timer->{timer} = loop_after($is_late && @left ? 0.1 : 0.002, \&adopted_round);
}
