# The spawner: confined once, it forks supervisors when asked to. It is no subreaper, so that the orphans of a supervisor
# that died come to the helper.

sub become_spawner {
  my ($socket) = @_;
  eval { spawner_main(@_); 1 } or send_message($socket, "E$@", undef, 0x40);
  POSIX::_exit(0);
}

sub spawner_main {
  my ($socket, $environment, $workspace, $ruleset) = @_;
  reset_signals();
  # Nobody waits for supervisors: the helper sees the end of their sockets.
  $SIG{CHLD} = 'IGNORE';
  POSIX::setsid();
  $0 = 'mooring-spawner';
  system_call('fchdir', $workspace) == 0 or die "cannot enter the workspace: $!\n";
  keep_only_descriptors($socket, defined $ruleset ? $ruleset : ());
  restore_descriptor_limit();
  restrict_self($ruleset) if defined $ruleset;
  %ENV = ();
  for my $pair (@$environment) {
    my ($name, $value) = split /=/, $pair, 2;
    $ENV{$name} = $value if defined $value && $name ne '';
  }
  send_message($socket, 'ready');
  my $receive = make_receiver($socket, 64);
  while (my ($bytes) = $receive->(0)) {
    POSIX::_exit(0) if $bytes eq '';
    fork_supervisor($socket) for 1 .. $bytes;
  }
}

sub fork_supervisor {
  my ($socket) = @_;
  my ($ours, $theirs) = eval { make_socket_pair(Socket::SOCK_SEQPACKET()) };
  return send_message($socket, 'E' . ref $@ ? $@->{errno} : 'EMFILE') unless defined $ours;
  my $pid = fork;
  if (!defined $pid) {
    my $name = errno_name($!);
    POSIX::close($_) for $ours, $theirs;
    return send_message($socket, "E$name");
  }
  if ($pid == 0) {
    POSIX::close($_) for $socket, $ours;
    eval { supervisor_main($theirs); 1 };
    POSIX::_exit(1);
  }
  send_message($socket, "S$pid", [$ours]);
  POSIX::close($_) for $ours, $theirs;
}
