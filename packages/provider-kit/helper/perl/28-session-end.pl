# How the helper ends: asked to, its client gone, or in a state that it must not go on from. Every way leads through the same
# sweep, and only the last frames differ.

# How long the last frames are waited for to be taken: long only when somebody asked for the end.
our $LAST_PATIENCE = 0.3;

# Seconds, beyond the grace, after which the helper ends without having seen the last process go.
my $longest_end = 8;

$OPERATIONS{'session.end'} = sub {
  my ($id, $request) = @_;
  my $mode = $request->{mode} // 'close';
  die { code => 'invalid_request', message => "expected mode close, detach or destroy, got `$mode`" } unless $mode =~ /^(?:close|detach|destroy)\z/;
  end_session(mode => $mode, grace => ($request->{graceMs} // 0) / 1000, on_ended => sub {
    my ($ended, @survivors) = @_;
    send_result($id, { commandsEnded => $ended, survivors => pack_list(@survivors) });
  });
};

# The client is gone, or has not been heard for the length of its lease, or somebody ends the helper.
sub end_of_client {
  loop_off_readable(0);
  end_session(mode => 'detach', grace => 0) unless $SESSION_ENDING;
  # In the middle of an end, nobody is left to be patient for.
  cancel_command($_, 0, 'closed') for grep { !$_->{swept} && !$_->{durable} } values %COMMANDS;
}

# Every request under way gets the error, and the helper ends.
sub fail_session {
  my ($error) = @_;
  return if $SESSION_ENDING;
  # Their requests are over with the error: what comes of the commands is not told any more.
  for my $command (values %COMMANDS) {
    $command->{finished} = 1;
    $command->{failure} = $error;
  }
  end_session(mode => 'detach', grace => 0, failed => 1);
  send_error($_, $error) for keys %REQUESTS;
}

# A command that asked for less time than the session's end gives gets what it asked for: none, when it asked for none.
sub lesser_grace { my ($own, $given) = @_; return $own < $given ? $own : $given }

# mode, grace (seconds), on_ended => sub ($commands_ended, @survivors).
sub end_session {
  my (%end) = @_;
  return if $SESSION_ENDING;
  $SESSION_ENDING = 1;
  my @commands = grep { !command_is_over($_) && !$_->{durable} } values %COMMANDS;
  my $left = 1;
  my (@survivors, $finished);
  my $count = @commands;
  my $finish = sub {
    return if $finished++;
    # Answers that their reader takes nothing of are given up.
    for my $command (@commands) { finish_command($command) if !$command->{finished} && defined $command->{exit} && $command->{swept} }
    complete_end(\%end, $count, @survivors);
  };
  my $one_less = sub {
    push @survivors, @_;
    # What is still in the pipes gets the time of a drain.
    loop_after(grep({ !$_->{finished} } @commands) && !$end{failed} ? 0.1 : 0, $finish) if --$left == 0;
  };
  if ($end{mode} ne 'detach' && %SESSION) {
    my @durable = grep { durable_is_alive($_) } durable_directories($SESSION{state_directory});
    $count += @durable;
    $left += @durable;
    for my $directory (@durable) {
      my $meta = read_record_file("$directory/meta");
      end_durable($directory, lesser_grace(($meta->{graceMs} // 0) / 1000, $end{grace}), $one_less);
    }
  }
  for my $command (@commands) {
    $left++;
    my $told = 0;
    cancel_command($command, lesser_grace($command->{grace}, $end{grace}), 'closed', sub { $one_less->(@_) unless $told++ });
  }
  dismiss_idle_slots();
  loop_after($end{grace} + $longest_end, $finish);
  $one_less->();
}

sub complete_end {
  my ($end, $count, @survivors) = @_;
  for my $hook (splice @SESSION_END_HOOKS) {
    eval { $hook->(); 1 } or print STDERR "mooring-helper: $@";
  }
  clean_up_session($end->{mode});
  if ($end->{on_ended}) {
    $end->{on_ended}->($count, @survivors);
    $LAST_PATIENCE = 5;
  }
  loop_stop();
}

# Durable commands that live on keep their temporary directory; reap takes it when they are over.
sub clean_up_session {
  my ($mode) = @_;
  my $directory = $SESSION{state_directory} or return;
  my $private = $SESSION{private_directory};
  my $alive = grep { durable_is_alive($_) } durable_directories($directory);
  remove_own_tree($private) if defined $private && !$alive;
  remove_own_tree($directory) if $mode eq 'destroy' && !$alive;
}
