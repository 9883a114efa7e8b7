# A spawner forked before the rest of the program is compiled. What it forks has a third of the memory, for which each command
# would pay three times: when its supervisor is forked, when its child is, and when that executes the program.
# It waits until a session says what it shall be; the end of its socket ends it.

my ($early_socket, $early_pid);

sub fork_early_spawner {
  my ($ours, $theirs) = eval { make_socket_pair(Socket::SOCK_STREAM()) } or return;
  my $pid = fork;
  if (!defined $pid || $pid != 0) {
    POSIX::close($theirs);
    # Without it the session's own is forked later, or fails then.
    if (defined $pid) { ($early_socket, $early_pid) = ($ours, $pid) } else { POSIX::close($ours) }
    return;
  }
  eval { wait_for_session($theirs); 1 } or POSIX::_exit(1);
}

sub wait_for_session {
  my ($socket) = @_;
  close_descriptors_but($socket);
  POSIX::open('/dev/null', 0);
  POSIX::open('/dev/null', 1) for 1 .. 2;
  $0 = 'mooring-spawner';
  my ($bytes, @descriptors) = receive_whole($socket, make_receiver($socket, 65_536));
  POSIX::_exit(0) unless defined $bytes && @descriptors >= 2;
  POSIX::close($socket);
  my ($spawner, $workspace, $ruleset) = @descriptors;
  become_spawner($spawner, [unpack('(N/a*)*', substr($bytes, 4))], $workspace, $ruleset);
}

# Makes it the session's: with the environment, and the descriptors of its socket, the workspace and perhaps a ruleset. Its process
# number, or undef when there is none.
sub use_early_spawner {
  my ($environment, @descriptors) = @_;
  return undef unless defined $early_pid;
  my $message = pack('N/a*', pack('(N/a*)*', @$environment));
  my $sent = send_message($early_socket, $message, \@descriptors) // 0;
  if ($sent != length $message) {
    dismiss_early_spawner();
    return undef;
  }
  POSIX::close($early_socket);
  my $pid = $early_pid;
  ($early_socket, $early_pid) = ();
  return $pid;
}

# Where no session will open. Returns when it is gone.
sub dismiss_early_spawner {
  return unless defined $early_pid;
  POSIX::close($early_socket);
  kill 'KILL', $early_pid;
  waitpid($early_pid, 0);
  ($early_socket, $early_pid) = ();
}

fork_early_spawner();
