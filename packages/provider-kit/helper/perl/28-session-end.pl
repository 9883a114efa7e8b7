# How the helper ends: asked to, its client gone, or in a state that it must not go on from. Every way leads through the same
# sweep, and only the last frames differ.

# The client is gone, or has not been heard for the length of its lease, or somebody ends the helper.
sub end_of_client {
  end_session(undef);
}

# Every request under way gets the error, and the helper ends.
sub fail_session {
  my ($error) = @_;
  return if $SESSION_ENDING;
  send_error($_, $error) for keys %REQUESTS;
  end_session(undef);
}

# Ends all commands, runs the hooks, then calls back with what was found and leaves the loop.
sub end_session {
  my ($on_ended) = @_;
  return if $SESSION_ENDING;
  $SESSION_ENDING = 1;
  for my $hook (splice @SESSION_END_HOOKS) {
    eval { $hook->(); 1 } or print STDERR "mooring-helper: $@";
  }
  $on_ended->() if $on_ended;
  loop_stop();
}
