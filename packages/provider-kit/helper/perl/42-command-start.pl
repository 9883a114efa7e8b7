# command.start: checks, a supervisor out of the pool, and the message to the child that waits in it.

$OPERATIONS{'command.start'} = sub {
  my ($id, $request) = @_;
  my $command_id = $request->{commandId} // '';
  die { code => 'invalid_request', message => 'expected a commandId of 1 to 200 bytes' } unless length $command_id && length $command_id <= 200;
  if ($COMMANDS{$command_id} || durable_command_exists($command_id)) {
    die { code => 'already_exists', stage => 'before_start', message => "the command id `$command_id` was used before" };
  }
  my @arguments = unpack_list($request->{argv});
  die { code => 'invalid_request', message => 'expected an argv with at least a program' } unless @arguments;
  my $command = {
    command_id => $command_id, request => $id, program => $arguments[0], state => 'waiting', options => $request,
    grace => ($request->{graceMs} // 0) / 1000, credit => $request->{credit} // 0,
    input => make_command_input($request),
  };
  if (length($request->{cwd} // '')) {
    my $directory = open_directory_for_command($request->{cwd});
    # Opened by number: it goes along with the launch message and is closed when that is sent.
    $command->{directory} = $directory;
  }
  $COMMANDS{$command_id} = $command;
  $REQUESTS{$id} = command_frames($command);
  $command->{ticket} = pool_take(sub {
    my ($slot, $errno_name) = @_;
    if (!$slot) {
      return command_failed($command, { code => 'resource_exhausted', message => "no process could be started: $errno_name" });
    }
    on_behalf_of_command($command, $slot);
  });
};

# The frames that come for a command while it runs.
sub command_frames {
  my ($command) = @_;
  return {
    on_data => sub { my ($channel, $bytes) = @_; command_input($command, $bytes) },
    on_end => sub { command_input_ended($command) },
    on_credit => sub { my ($channel, $bytes) = @_; command_credit($command, $channel, $bytes) },
    on_abandon => sub { abandon_command($command) },
  };
}

sub on_behalf_of_command {
  my ($command, $slot) = @_;
  $command->{ticket} = undef;
  $slot->{command} = $command;
  $command->{slot} = $slot;
  return if eval { launch_command($command, $slot); 1 };
  my $error = ref $@ eq 'HASH' ? $@ : { code => 'internal', message => "$@" };
  # Its child was told nothing: the end of its socket ends it, and the supervisor forks another.
  $slot->{command} = undef;
  close_slot_child($slot);
  command_failed($command, $error);
}

my $launch_linger_seconds = 0.001;

sub launch_command {
  my ($command, $slot) = @_;
  my $options = $command->{options};
  my ($flags, @passed, @ours) = ('');
  if (defined $command->{directory}) { $flags .= 'c'; push @passed, $command->{directory} }
  my $ok = eval {
    if ($options->{columns}) {
      my ($master, $terminal) = open_terminal($options->{columns}, $options->{rows} // 24);
      $flags .= 't';
      push @passed, $terminal;
      $command->{terminal} = $master;
      open_command_input($command, $master);
    } elsif ($command->{input}) {
      my ($read_end, $write_end) = make_pipe();
      set_non_blocking($write_end);
      $flags .= 'i';
      push @passed, $read_end;
      open_command_input($command, $write_end);
    }
    $flags .= 'm' if !$options->{columns} && ($options->{stderr} // '') eq 'merge';
    prepare_durable($command, $slot) if $options->{durable};
    1;
  };
  my $error = $@;
  if (!$ok) { POSIX::close($_) for @passed; $command->{directory} = undef; die $error }
  $command->{pid} = $slot->{child};
  $command->{started} = monotonic();
  $command->{state} = 'launching';
  if (defined $options->{timeoutMs} && !$options->{durable}) {
    send_message($slot->{control}, join(' ', "L$options->{timeoutMs}", $command->{grace} * 1000, $command->{pid}), undef, 0x40);
    watch_order($command, $options->{timeoutMs} / 1000 + $command->{grace}, 'timeout');
  }
  my $message = pack('N/a*', pack('(N/a*)3', $flags, $options->{argv}, $options->{env} // ''));
  my $sent = send_message($slot->{launch}, $message, \@passed, 0x40);
  my $failure = $! + 0;
  POSIX::close($_) for @passed;
  $command->{directory} = undef;
  if (!$sent && $failure != $EAGAIN) { die { errno => errno_name($failure), message => 'the child that waited is gone' } }
  $command->{launch} = delete $slot->{launch};
  # What a short command does first, write or end, shows that it was executed, too: only a slow one costs a wake-up for it.
  my $listen = sub { loop_on_readable($command->{launch}, sub { command_launched($command) }) };
  if (defined $command->{terminal} || $options->{durable}) { $listen->() }
  else { $command->{launch_timer} = loop_after($launch_linger_seconds, $listen) }
  send_rest_of_launch($command, substr($message, $sent // 0)) if ($sent // 0) < length $message;
  open_streams($command, $slot, $flags) unless $options->{durable};
}

# Long argument lists do not fit the socket at once.
sub send_rest_of_launch {
  my ($command, $rest) = @_;
  my $launch = $command->{launch};
  set_non_blocking($launch);
  loop_on_writable($launch, sub {
    my $written = POSIX::write($launch, $rest, length $rest);
    return if !defined $written && ($! == $EAGAIN || $! == $EINTR);
    # When the child is gone, the socket's other handler tells.
    substr($rest, 0, $written // length $rest, '');
    loop_off_writable($launch) if $rest eq '';
  });
}

# The launch socket has ended: the program was executed; or it holds the number of the error. With $is_decided the program has
# written something or ended: no error is to come any more, whoever may still hold the socket.
sub command_launched {
  my ($command, $is_decided) = @_;
  my $launch = $command->{launch};
  return unless defined $launch;
  my $number = "\0" x 16;
  # MSG_DONTWAIT
  my $count = system_call('recvfrom', $launch, $number, 16, 0x40, 0, 0);
  return if $count < 0 && ($! == $EAGAIN || $! == $EINTR) && !$is_decided;
  loop_cancel($command->{launch_timer});
  $command->{launch} = undef;
  loop_close($launch);
  if ($count > 0) {
    $number = substr($number, 0, $count);
    $command->{slot}{command} = undef if $command->{slot};
    my $name = errno_name($number);
    return command_failed($command, { errno => $name, path => $command->{program},
      message => "cannot execute `$command->{program}`: " . POSIX::strerror($number) });
  }
  $command->{state} = 'running' if $command->{state} eq 'launching';
  if (defined $command->{terminal} && $command->{streams}) { listen_to_stream($command->{streams}{1}) }
  if ($command->{durable}) { durable_started($command) }
  elsif (!$command->{finished}) { send_frame_soon(0x83, $command->{request}, pack_record({ event => 'started', pid => $command->{pid} })) }
  tell_stream_end($command, $_) for @{ delete $command->{early_ends} // [] };
}

# Nothing was executed: the id may be used again.
sub command_failed {
  my ($command, $error) = @_;
  POSIX::close($command->{directory}) if defined $command->{directory};
  $command->{directory} = undef;
  loop_cancel($command->{launch_timer});
  loop_close($command->{launch}) if defined $command->{launch};
  $command->{launch} = undef;
  close_streams($command);
  discard_durable($command) if $command->{durable};
  $command->{state} = 'ended';
  delete $COMMANDS{$command->{command_id}};
  $command->{finished} = 1;
  $command->{swept} = 1;
  answer_cancels($command);
  send_error($command->{request}, { stage => 'before_start', %$error });
}
