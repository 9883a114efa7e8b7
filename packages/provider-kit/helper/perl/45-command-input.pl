# Standard input of a command: a pipe or a terminal, written as it takes it; credit is granted for what was written.

sub command_input_target {
  my ($command) = @_;
  return $command->{input} if $command->{input};
  return $command->{input} = { descriptor => $command->{terminal}, terminal => 1 } if defined $command->{terminal};
  return undef;
}

sub command_input {
  my ($command, $bytes) = @_;
  my $input = command_input_target($command);
  # Nobody reads it any more: it is dropped, and the sender must not wait for ever.
  return grant_credit($command->{request}, 0, length $bytes) if !$input || $input->{closed} || $input->{ended};
  $input->{queue} //= '';
  $input->{queue} .= $bytes;
  write_command_input($command, $input);
}

sub command_input_ended {
  my ($command) = @_;
  my $input = command_input_target($command) or return;
  return if $input->{ended};
  $input->{ended} = 1;
  # A terminal knows no end: ^D says it to who reads a line.
  $input->{queue} = ($input->{queue} // '') . "\x04" if $input->{terminal};
  write_command_input($command, $input);
}

sub write_command_input {
  my ($command, $input) = @_;
  my $descriptor = $input->{descriptor};
  while (length($input->{queue} // '')) {
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
  if ($input->{terminal}) { loop_off_writable($input->{descriptor}) if $input->{waiting} }
  else { loop_close($input->{descriptor}) }
}
