# Whether the kernel killed for want of memory: its counter for this control group, of either version.

# The counter of this control group, as it was last seen: a SIGKILL that nobody here sent is the kernel's own when it rose.
my ($memory_counter_file, $memory_kills);

sub watch_memory_kills {
  my ($unified, $memory);
  open(my $groups, '<', '/proc/self/cgroup') or return;
  while (my $line = <$groups>) {
    chomp $line;
    my (undef, $controllers, $path) = split /:/, $line, 3;
    if ($controllers eq '') { $unified = $path } elsif ($controllers =~ /(?:^|,)memory(?:,|$)/) { $memory = $path }
  }
  close $groups;
  my @candidates = (
    (map { "/sys/fs/cgroup/memory$_/memory.oom_control" } defined $memory ? ($memory, '') : ()),
    (map { "/sys/fs/cgroup$_/memory.events" } defined $unified ? ($unified, '') : ()),
  );
  for my $file (@candidates) {
    $memory_counter_file = $file;
    $memory_kills = read_memory_kills();
    last if defined $memory_kills;
  }
}

sub read_memory_kills {
  open(my $counter, '<', $memory_counter_file) or return undef;
  while (my $line = <$counter>) { return $1 if $line =~ /^oom_kill (\d+)/ }
  return undef;
}

sub out_of_memory_happened {
  return 0 unless defined $memory_kills;
  my $now = read_memory_kills() // return 0;
  my $rose = $now > $memory_kills;
  $memory_kills = $now;
  return $rose;
}
