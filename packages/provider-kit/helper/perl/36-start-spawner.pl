# Starts the spawner: one that was forked early becomes it. Where there is none it is a fork of this process, which is larger.

our ($SPAWNER, $SPAWNER_PID);

# Dies with an errno when it cannot be forked, or when it cannot confine itself.
sub start_spawner {
  my ($ruleset) = @_;
  my ($ours, $theirs) = make_socket_pair(Socket::SOCK_SEQPACKET());
  my @descriptors = ($theirs, $SESSION{root}{fd}, defined $ruleset ? $ruleset : ());
  my $pid = use_early_spawner($SESSION{env}, @descriptors) // fork;
  die { errno => errno_name($!), message => "fork: $!" } unless defined $pid;
  if ($pid == 0) {
    loop_forget();
    (%OPERATIONS, %REQUESTS, @SESSION_END_HOOKS) = ();
    become_spawner($theirs, $SESSION{env}, @descriptors[1 .. $#descriptors]);
  }
  POSIX::close($theirs);
  POSIX::close($ruleset) if defined $ruleset;
  my ($answer) = make_receiver($ours, 1024)->(0);
  die { code => 'internal', message => 'the spawner did not start: ' . ($answer // '') } unless ($answer // '') eq 'ready';
  ($SPAWNER, $SPAWNER_PID) = ($ours, $pid);
}
