# Signals, sizes and ends from outside, and what is running.

# The command and its process, or a typed error.
sub known_command {
  my ($request) = @_;
  my $command_id = $request->{commandId} // '';
  my $command = $COMMANDS{$command_id};
  return $command if $command;
  # A durable one that an earlier helper started.
  return { command_id => $command_id, state => 'running', durable => durable_directory($command_id) } if durable_command_exists($command_id);
  die { code => 'not_found', message => "no command `$command_id` in this session" };
}

$OPERATIONS{'command.signal'} = sub {
  my ($id, $request) = @_;
  my $name = uc($request->{signal} // '');
  $name =~ s/^SIG//;
  my %numbers;
  @numbers{split / /, $Config::Config{sig_name}} = split / /, $Config::Config{sig_num};
  my $number = $numbers{$name} or die { code => 'invalid_request', message => "expected the name of a signal, got `$name`" };
  my $command = known_command($request);
  die { code => 'ended', message => "the command `$command->{command_id}` has ended" } if defined $command->{exit} || $command->{state} eq 'ended';
  return send_result($id, {}) if $command->{durable} ? signal_durable($command, $number) : signal_group($command, $number);
  die { errno => errno_name($!), message => "cannot signal the command: $!" };
};

# Its process is a group of its own from before it was executed.
sub signal_group {
  my ($command, $number) = @_;
  return 1 if !defined $command->{pid};
  return kill($number, -$command->{pid});
}

$OPERATIONS{'command.resize'} = sub {
  my ($id, $request) = @_;
  my $command = known_command($request);
  my @size = ($request->{columns} // 80, $request->{rows} // 24);
  if (defined $command->{terminal}) { resize_terminal($command->{terminal}, @size) }
  elsif ($command->{durable}) { order_durable($command->{durable}, "resize @size") }
  else { die { code => 'invalid_request', message => "the command `$command->{command_id}` has no terminal" } }
  send_result($id, {});
};

$OPERATIONS{'command.cancel'} = sub {
  my ($id, $request) = @_;
  my $command_id = $request->{commandId} // '';
  my $command = $COMMANDS{$command_id};
  my $grace = ($request->{graceMs} // 0) / 1000;
  return cancel_durable($id, $command_id, $grace) if (!$command || $command->{durable}) && durable_command_exists($command_id);
  # Over, or swept a moment ago with nothing left.
  if (!$command || $command->{state} eq 'ended' || ($command->{swept} && !@{ $command->{survivors} // [] })) {
    return send_result($id, { survivors => '', confirmed => 1 });
  }
  cancel_command($command, $grace, $request->{reason} // 'cancelled', sub {
    my (@survivors) = @_;
    send_result($id, { cancelled => 1, survivors => pack_list(@survivors), confirmed => @survivors ? undef : 1 });
  });
};

# Ends the command and all that descends from it, and calls back with what could not be ended.
sub cancel_command {
  my ($command, $grace, $reason, $handler) = @_;
  return $handler->() if $command->{state} eq 'ended';
  # A command that has ended by itself keeps its reason, whatever becomes of its background.
  $command->{reason} //= $reason unless defined $command->{exit};
  push @{ $command->{on_swept} }, $handler if $handler;
  if ($command->{state} eq 'waiting') {
    pool_give_up($command->{ticket}) if $command->{ticket};
    return command_failed($command, $command->{failure} // ($reason eq 'closed'
      ? { code => 'ended', message => 'the session ended before the command started' }
      : { code => 'cancelled', message => 'the command was cancelled before it started' }));
  }
  return answer_cancels($command) if $command->{swept};
  my $milliseconds = int($grace * 1000);
  return unless $command->{slot};
  send_message($command->{slot}{control}, "C$milliseconds $command->{pid}", undef, 0x40);
  watch_order($command, $grace, $reason);
}

sub answer_cancels {
  my ($command) = @_;
  my $handlers = delete $command->{on_swept} or return;
  $_->(@{ $command->{survivors} // [] }) for @$handlers;
}

# The client no longer wants the answer: the command ends at once, and its output goes nowhere.
sub abandon_command {
  my ($command) = @_;
  drop_output($command) if $command->{streams};
  cancel_command($command, 0, 'cancelled');
}

$OPERATIONS{'command.list'} = sub {
  my ($id) = @_;
  my @records;
  my @commands = grep { !$_->{durable} } sort { ($a->{started} // 0) <=> ($b->{started} // 0) } values %COMMANDS;
  my @processes = descendants_of_each(map { $_->{slot} ? $_->{slot}{pid} : 0 } @commands);
  for my $command (@commands) {
    my $state = command_is_over($command) ? 'ended' : $command->{state} eq 'background' ? 'background' : 'running';
    my $living = shift @processes;
    push @records, pack_record({
      commandId => $command->{command_id}, pid => $command->{pid}, state => $state, program => $command->{program},
      processes => pack_list($command->{slot} ? @$living : ()),
    });
  }
  send_result($id, { commands => pack_list(@records, list_durable()) });
};
