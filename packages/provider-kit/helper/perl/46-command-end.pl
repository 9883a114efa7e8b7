# How a command ends: what the supervisor tells, turned into the one RESULT.

# The command's own process has ended; with $gone nothing else of it is left.
sub command_process_ended {
  my ($command, $status, $gone) = @_;
  return if defined $command->{exit};
  $command->{ended_at} = monotonic();
  # The launch socket is looked at first: an error on it means that nothing was executed.
  command_launched($command, 1) if defined $command->{launch};
  return if $command->{finished};
  $command->{exit} = [exit_of_status($status)];
  $command->{gone} = 1 if $gone;
  # Looked at after each failure: what an earlier command was killed for must not be taken for this one's end.
  my $out_of_memory = $status ? out_of_memory_happened() : 0;
  $command->{reason} //= 'out_of_memory' if $out_of_memory && ($status & 127) == 9;
  $command->{state} = 'background';
  close_command_input($command) unless $command->{input} && $command->{input}{terminal};
  begin_drain($command) if grep { defined $_->{descriptor} } values %{ $command->{streams} };
  settle_command($command);
}

# Sends the RESULT once all that it waits for is there.
sub settle_command {
  my ($command) = @_;
  return if $command->{finished} || !defined $command->{exit};
  # Ended by force: the answer says that nothing is left.
  return if ($command->{reason} // '') =~ /^(?:timeout|cancelled|closed)$/ && !$command->{swept};
  for my $stream (values %{ $command->{streams} }) {
    next unless defined $stream->{descriptor};
    return unless $command->{drained} && ($stream->{drop} || ($stream->{owed} // 0) <= 0);
  }
  finish_command($command);
}

sub finish_command {
  my ($command) = @_;
  return if $command->{finished};
  loop_cancel($command->{drain_timer});
  my $streams = $command->{streams} // {};
  tell_stream_end($command, $_) for 1, 2;
  $command->{finished} = 1;
  # One that ended by itself may have left children: they live on, and are told of.
  my @background = $command->{gone} || !$command->{slot} ? () : descendants_of($command->{slot}{pid});
  my ($kind, $value) = @{ $command->{exit} };
  my %result = (
    exit => $kind, value => $value, reason => $command->{reason} // 'exited',
    durationUs => int((($command->{ended_at} // monotonic()) - $command->{started}) * 1e6),
    stdoutBytes => $streams->{1} ? $streams->{1}{bytes} : 0, stderrBytes => $streams->{2} ? $streams->{2}{bytes} : 0,
    background => pack_list(@background),
  );
  send_result($command->{request}, \%result);
  drop_output($command);
}

# Whether nothing of it is left; its supervisor may not be ready for the next one yet.
sub command_is_over { return $_[0]{state} eq 'ended' || $_[0]{gone} }

# Nothing of the command is left.
sub command_all_gone {
  my ($command) = @_;
  $command->{gone} = 1;
  $command->{slot} = undef;
  command_swept($command);
  $command->{state} = 'ended';
  delete @$command{qw(options on_swept)};
}

# The sweep is over; what could not be killed is handed over.
sub command_swept {
  my ($command, @survivors) = @_;
  return if $command->{swept};
  $command->{swept} = 1;
  $command->{survivors} = \@survivors;
  answer_cancels($command);
  settle_command($command);
}

# Its supervisor was killed. What it had started has been ended; how the command itself ended is not known.
sub command_supervisor_died {
  my ($command, @survivors) = @_;
  command_launched($command) if defined $command->{launch};
  return if $command->{state} eq 'ended';
  $command->{exit} //= ['unknown', 'its supervisor died'];
  $command->{ended_at} //= monotonic();
  command_swept($command, @survivors);
  begin_drain($command) if $command->{streams} && !$command->{finished};
  settle_command($command);
  command_all_gone($command);
}
