# What a forked process inherits, and what it must not.

# In a forked child: as if no signal had ever been blocked, ignored or caught, whoever started the helper.
sub reset_signals {
  $SIG{$_} = 'DEFAULT' for grep { !/^(?:KILL|STOP|NUM\d+|ZERO|__\w+)$/ } keys %SIG;
  POSIX::sigprocmask(POSIX::SIG_SETMASK(), POSIX::SigSet->new);
}

# Raises the soft limit of open descriptors to the hard one; the old limit goes back to commands.
my $original_descriptor_limit;

sub raise_own_descriptor_limit {
  my $limit = "\0" x 16;
  return if system_call('prlimit64', 0, 7, 0, $limit) != 0;
  $original_descriptor_limit = $limit;
  my $hard = unpack('x8 Q', $limit);
  my $wanted = pack('Q2', $hard, $hard);
  system_call('prlimit64', 0, 7, $wanted, 0);
}

sub restore_descriptor_limit {
  system_call('prlimit64', 0, 7, $original_descriptor_limit, 0) if defined $original_descriptor_limit;
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

# The same for a process that is to hold on to nothing else: with nothing to read, and nowhere to write to.
sub keep_only_descriptors {
  close_descriptors_but(@_);
  POSIX::open('/dev/null', 0);
  POSIX::open('/dev/null', 1) for 1 .. 2;
}
