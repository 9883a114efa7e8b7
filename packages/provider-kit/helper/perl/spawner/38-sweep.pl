# How a supervisor ends what it supervises: TERM to the whole tree, a time of grace, then STOP and KILL until nobody is left.

# How long a process may take to die of KILL before it is reported as a survivor; it is tried again after that.
my $survivor_seconds = 3;

# A shorter grace than that of a sweep under way counts.
sub begin_sweep {
  my ($grace) = @_;
  my $now = monotonic();
  my $sweep = $supervised{sweep};
  if (!$sweep) {
    $sweep = $supervised{sweep} = { kill_at => $now + $grace, next => $now + $grace, foreign => {}, pause => 0.001 };
    if ($grace > 0) {
      for my $pid (descendants_of($$)) { kill 'TERM', $pid; kill 'CONT', $pid }
    }
  } elsif ($now + $grace < $sweep->{kill_at}) {
    $sweep->{kill_at} = $sweep->{next} = $now + $grace;
  }
  advance_sweep() if $grace <= 0;
}

# One step of killing; reap_supervised() sees when it was the last.
sub advance_sweep {
  my $sweep = $supervised{sweep};
  my $now = monotonic();
  return if $now < $sweep->{kill_at};
  # What was looked at long ago may be somebody else by now.
  $sweep->{foreign} = {} if ++$sweep->{rounds} % 8 == 0;
  kill 'KILL', -$supervised{pid} unless defined $supervised{ended};
  # By the kernel's lists first, which are quick; what they miss, and what nothing but a full look shows, comes next.
  my @left = kill_round(sub { grep { !is_zombie($_) } with_listed_children(children_of($$)) });
  @left = kill_round(sub { descendants_of($$, $sweep->{foreign}) }) unless @left;
  $sweep->{pause} *= 1.5 if $sweep->{pause} < 0.02;
  $sweep->{next} = monotonic() + $sweep->{pause};
  if (@left && $now - $sweep->{kill_at} > $survivor_seconds) {
    tell_helper("K@left") unless $sweep->{reported};
    $sweep->{reported} = 1;
    $sweep->{next} = $now + 0.2;
  }
}

# Without the loop, when the helper is gone: returns when nothing is left.
sub run_sweep_to_its_end {
  while (1) {
    my $pid;
    do { $pid = waitpid(-1, POSIX::WNOHANG()) } while $pid > 0;
    return if $pid < 0;
    advance_sweep();
    select(undef, undef, undef, $supervised{sweep}{pause});
  }
}
