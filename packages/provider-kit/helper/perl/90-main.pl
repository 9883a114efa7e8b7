# The start: handshake, then the loop until the session ends.

main();

sub main {
  undef $MOORING_SOURCE;
  $0 = 'mooring-helper';
  loop_start();
  my $text = ($MOORING_KIND // 'bytes') eq 'text';
  frames_use_text($text);
  dispatch_use_text($text);
  $SIG{PIPE} = 'IGNORE';
  listen_to_signals();
  raise_own_descriptor_limit();
  my $hello = "MOORING/1 $MOORING_NONCE\n";
  POSIX::write(1, $hello, length $hello);
  widen_output();
  set_non_blocking(1);
  $LAST_HEARD = monotonic();
  loop_on_readable(0, \&read_input);
  my $failed = !eval { loop_run(\&write_ready_output); 1 };
  print STDERR "mooring-helper: ", ref $@ ? $@->{message} : $@, "\n" if $failed;
  flush_output($LAST_PATIENCE);
  leave($failed ? 70 : 0);
}

# More room between us and the client: 1 GiB of output then needs half the changes between processes. SO_SNDBUFFORCE, or
# SO_SNDBUF as far as others may; F_SETPIPE_SZ where it is a pipe.
sub widen_output {
  my $size = pack('i', 1_048_576);
  setsockopt(STDOUT, 1, 32, $size) || setsockopt(STDOUT, 1, 7, $size) || system_call('fcntl', 1, 1031, 1_048_576);
}

# The supervisors see the end of their sockets and go; whoever looks for processes after us should find none.
sub leave {
  my ($code) = @_;
  dismiss_early_spawner();
  my @supervisors = pool_supervisors();
  dismiss_all_slots();
  POSIX::close($SPAWNER) if defined $SPAWNER;
  for (1 .. 300) {
    # When the spawner goes first its supervisors are ours, and one that nobody waits for still answers to `kill 0`.
    1 while waitpid(-1, POSIX::WNOHANG()) > 0;
    @supervisors = grep { kill 0, $_ } @supervisors;
    last unless @supervisors;
    select(undef, undef, undef, 0.001);
  }
  POSIX::_exit($code);
}
