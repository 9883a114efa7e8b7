# Standard input of a command: a pipe or a terminal, written as it takes it; credit is granted for what was written.

# From before the command was started: what comes early waits for the descriptor.
sub make_command_input {
  my ($options) = @_;
  my $terminal = $options->{columns} ? 1 : 0;
  return undef unless $terminal || ($options->{stdin} // '') eq 'pipe';
  return { queue => '', terminal => $terminal };
}

sub open_command_input {
  my ($command, $descriptor) = @_;
  my $input = $command->{input};
  $input->{descriptor} = $descriptor;
  write_command_input($command, $input) if length $input->{queue} || $input->{ended};
}

sub command_input {
  my ($command, $bytes) = @_;
  my $input = $command->{input};
  # Nobody reads it any more: it is dropped, and the sender must not wait for ever.
  return grant_credit($command->{request}, 0, length $bytes) if !$input || $input->{closed} || $input->{ended};
  $input->{queue} .= $bytes;
  write_command_input($command, $input);
}

sub command_input_ended {
  my ($command) = @_;
  my $input = $command->{input} or return;
  return if $input->{ended};
  $input->{ended} = 1;
  # A terminal knows no end: ^D says it to who reads a line.
  $input->{queue} .= "\x04" if $input->{terminal};
  write_command_input($command, $input);
}

sub write_command_input {
  my ($command, $input) = @_;
  my $descriptor = $input->{descriptor} // return;
  return if $input->{closed};
  while (length $input->{queue}) {
    my $written = POSIX::write($descriptor, $input->{queue}, length $input->{queue});
    if (!defined $written) {
      next if $! == $EINTR;
      if ($! == $EAGAIN) {
        loop_on_writable($descriptor, sub { write_command_input($command, $input) }) unless $input->{waiting};
        $input->{waiting} = 1;
        return;
      }
      my $unwritten = length $input->{queue};
      $input->{queue} = '';
      close_command_input($command);
      return grant_credit($command->{request}, 0, $unwritten);
    }
    substr($input->{queue}, 0, $written, '');
    grant_credit($command->{request}, 0, $written);
  }
  if ($input->{waiting}) { $input->{waiting} = 0; loop_off_writable($descriptor) }
  close_command_input($command) if $input->{ended} && !$input->{terminal};
}

sub close_command_input {
  my ($command) = @_;
  my $input = $command->{input} or return;
  return if $input->{closed};
  $input->{closed} = 1;
  return unless defined $input->{descriptor};
  if ($input->{terminal}) { loop_off_writable($input->{descriptor}) if $input->{waiting} }
  else { loop_close($input->{descriptor}) }
}
