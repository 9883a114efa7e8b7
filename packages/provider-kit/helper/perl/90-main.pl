# The start: handshake, then the loop until the session ends.

main();

sub main {
  undef $MOORING_SOURCE;
  loop_start();
  my $text = ($MOORING_KIND // 'bytes') eq 'text';
  frames_use_text($text);
  dispatch_use_text($text);
  $SIG{PIPE} = 'IGNORE';
  listen_to_signals();
  syswrite(STDOUT, "MOORING/1 $MOORING_NONCE\n");
  set_non_blocking(1);
  $LAST_HEARD = monotonic();
  loop_on_readable(0, \&read_input);
  loop_run(\&write_output);
  flush_output();
  POSIX::_exit(0);
}
