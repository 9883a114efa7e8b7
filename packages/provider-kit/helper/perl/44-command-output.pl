# What a command writes: read under credit, so that a reader that stops stops the process, and nothing else.

my $read_bytes = 131_072;
my $pipe_bytes = 1_048_576;

sub open_streams {
  my ($command, $slot, $flags) = @_;
  my ($output, $errors) = delete @$slot{qw(output errors)};
  if (defined $command->{terminal}) {
    POSIX::close($_) for $output, $errors;
    add_stream($command, 1, $command->{terminal});
  } else {
    add_stream($command, 1, $output);
    if ($flags =~ /m/) { POSIX::close($errors) } else { add_stream($command, 2, $errors) }
  }
}

sub add_stream {
  my ($command, $channel, $descriptor) = @_;
  my $stream = $command->{streams}{$channel} = { descriptor => $descriptor, channel => $channel, credit => $command->{credit}, bytes => 0 };
  $stream->{on_readable} = sub { read_stream($command, $stream) };
  # A terminal echoes even before its program was executed: it has to wait for that.
  listen_to_stream($stream) unless defined $command->{terminal};
}

sub read_stream {
  my ($command, $stream) = @_;
  my $descriptor = $stream->{descriptor};
  my $wanted = $read_bytes;
  if (!$stream->{drop}) {
    if (output_pending() >= $OUTPUT_LIMIT) {
      loop_off_readable($descriptor);
      return when_output_drains(sub { listen_to_stream($stream) });
    }
    $wanted = $stream->{credit} if $stream->{credit} < $wanted;
  }
  my $count = read_into_frame($descriptor, $wanted);
  if (!defined $count) {
    return if $! == $EAGAIN || $! == $EINTR;
    # A terminal whose other end nobody holds any more says EIO.
    return end_stream($command, $stream);
  }
  # Nothing but the program writes to its pipes, so that it was executed, unless their end shows that it was not.
  if (defined $command->{launch}) {
    command_launched($command, $count > 0);
    return if $command->{finished};
  }
  return end_stream($command, $stream) if $count == 0;
  return if $stream->{drop};
  $stream->{bytes} += $count;
  $stream->{credit} -= $count;
  send_read_frame($command->{request}, $stream->{channel}, $count);
  if ($count >= 65_536 && !$stream->{widened}) {
    # A full pipe: the writer is fast, so that fewer and larger reads pay.
    $stream->{widened} = 1;
    system_call('fcntl', $descriptor, 1031, $pipe_bytes);
  }
  loop_off_readable($descriptor) if $stream->{credit} <= 0;
  if (defined $stream->{owed}) {
    $stream->{owed} -= $count;
    settle_command($command) if $stream->{owed} <= 0;
  }
}

sub listen_to_stream {
  my ($stream) = @_;
  return unless defined $stream->{descriptor};
  loop_on_readable($stream->{descriptor}, $stream->{on_readable}) if $stream->{drop} || $stream->{credit} > 0;
}

sub command_credit {
  my ($command, $channel, $bytes) = @_;
  my $stream = $command->{streams}{$channel} or return;
  $stream->{credit} += $bytes;
  listen_to_stream($stream);
}

sub end_stream {
  my ($command, $stream) = @_;
  close_stream($command, $stream);
  settle_command($command) if defined $command->{exit};
}

sub close_stream {
  my ($command, $stream) = @_;
  my $descriptor = delete $stream->{descriptor};
  return unless defined $descriptor;
  if (defined $command->{terminal}) {
    close_command_input($command);
    $command->{terminal} = undef;
  }
  loop_close($descriptor);
  # The handler refers to the command, and the command to it.
  delete $stream->{on_readable};
  tell_stream_end($command, $stream->{channel});
}

sub tell_stream_end {
  my ($command, $channel) = @_;
  # The start is told first.
  return push @{ $command->{early_ends} }, $channel if defined $command->{launch};
  return if $command->{finished} || $command->{ended_channels}{$channel}++;
  send_end($command->{request}, $channel);
}

# For a command of which nothing was executed.
sub close_streams {
  my ($command) = @_;
  $command->{finished} = 1;
  close_stream($command, $_) for values %{ $command->{streams} // {} };
  loop_close($command->{terminal}) if defined $command->{terminal};
  $command->{terminal} = undef;
  close_command_input($command);
}

# What is in the pipes when the command has ended is delivered however slow its reader is; what others write after
# that, for a moment.
sub begin_drain {
  my ($command) = @_;
  return if $command->{draining};
  $command->{draining} = 1;
  for my $stream (values %{ $command->{streams} }) {
    next unless defined $stream->{descriptor};
    my $waiting = pack('i', 0);
    # FIONREAD
    system_call('ioctl', $stream->{descriptor}, 0x541b, $waiting);
    $stream->{owed} = unpack('i', $waiting);
  }
  $command->{drain_timer} = loop_after($DRAIN_SECONDS, sub { $command->{drained} = 1; settle_command($command) });
}

# From here on its output is read and thrown away, so that who still writes neither stalls nor dies of it.
sub drop_output {
  my ($command) = @_;
  for my $stream (values %{ $command->{streams} }) {
    $stream->{drop} = 1;
    listen_to_stream($stream);
  }
}
