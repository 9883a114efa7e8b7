# A spawner forked before the rest of the program is compiled. What it forks has a third of the memory, for which each command
# would pay three times: when its supervisor is forked, when its child is, and when that executes the program.
# It waits until a session says what it shall be; the end of its socket ends it.

my ($early_socket, $early_pid);

sub fork_early_spawner {
  my ($ours, $theirs) = eval { make_socket_pair(Socket::SOCK_STREAM()) } or return;
  my $pid = fork;
  if (defined $pid && $pid == 0) {
    eval { wait_for_session($theirs) };
    POSIX::_exit(1);
  }
  POSIX::close($theirs);
  # Without it the session's own is forked later, or fails then.
  return POSIX::close($ours) unless defined $pid;
  ($early_socket, $early_pid) = ($ours, $pid);
}

sub wait_for_session {
  my ($socket) = @_;
  keep_only_descriptors($socket);
  $0 = 'mooring-spawner';
  my ($bytes, @descriptors) = receive_whole($socket, make_receiver($socket, 65_536));
  POSIX::_exit(0) unless defined $bytes && @descriptors >= 2;
  POSIX::close($socket);
  my ($spawner, $workspace, $ruleset) = @descriptors;
  become_spawner($spawner, [unpack_list(substr($bytes, 4))], $workspace, $ruleset);
}

# Makes it the session's: with the environment, and the descriptors of its socket, the workspace and perhaps a ruleset. Its process
# number, or undef when there is none.
sub use_early_spawner {
  my ($environment, @descriptors) = @_;
  return undef unless defined $early_pid;
  my $message = pack('N/a*', pack_list(@$environment));
  my $sent = send_message($early_socket, $message, \@descriptors) // 0;
  return let_go_of_early_spawner() if $sent == length $message;
  dismiss_early_spawner();
  return undef;
}

# Where no session will open. Returns when it is gone.
sub dismiss_early_spawner {
  return unless defined $early_pid;
  my $pid = let_go_of_early_spawner();
  kill 'KILL', $pid;
  waitpid($pid, 0);
}

# Its process number: from here on it is somebody else's.
sub let_go_of_early_spawner {
  my $pid = $early_pid;
  POSIX::close($early_socket);
  ($early_socket, $early_pid) = ();
  return $pid;
}

fork_early_spawner();
