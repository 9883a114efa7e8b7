# Following a durable command's journals: each byte from the asked offset on exactly once, under credit, then what is
# written from now on, woken by inotify.

my ($inotify, %followers_by_watch);
my $follow_bytes = 131_072;
my $follow_round_bytes = 1_048_576;

$OPERATIONS{'command.attach'} = sub {
  my ($id, $request) = @_;
  my $command_id = $request->{commandId} // '';
  die { code => 'not_found', message => "no durable command `$command_id` in this session" } unless durable_command_exists($command_id);
  follow_durable($id, durable_directory($command_id), $request->{credit} // 0, $request->{stdoutOffset} // 0, $request->{stderrOffset} // 0);
};

# Some bytes of one stream from any offset: what the journal holds there now.
$OPERATIONS{'command.read'} = sub {
  my ($id, $request) = @_;
  my $command_id = $request->{commandId} // '';
  die { code => 'not_found', message => "no durable command `$command_id` in this session" } unless durable_command_exists($command_id);
  my $directory = durable_directory($command_id);
  my ($name, $offset, $most) = ($request->{stream} // '', $request->{offset} // 0, $request->{maxBytes} // 0);
  die { code => 'invalid_request', message => "expected the stream stdout or stderr, got `$name`" } unless $name =~ /^std(?:out|err)\z/;
  $most = 262_144 if $most > 262_144;
  my $descriptor = open_own_file("$directory/$name", 0);
  system_call('lseek', $descriptor, $offset + 0, 0);
  my $count = POSIX::read($descriptor, my $bytes, $most + 0);
  POSIX::close($descriptor);
  # Looked at after the read: the floor is told before a hole is made.
  my @floors = journal_floors($directory);
  expired_below(@floors) if $offset < $floors[$name eq 'stdout' ? 0 : 1];
  send_result($id, { contents => $count ? $bytes : '' });
};

# The program of a durable command.start runs: from here on its request is served as an attachment.
sub durable_started {
  my ($command) = @_;
  my $frames = $REQUESTS{$command->{request}} or return;
  follow_durable($command->{request}, $command->{durable}, $command->{credit}, 0, 0, $command);
  @{ $REQUESTS{$command->{request}} }{qw(on_data on_end)} = @$frames{qw(on_data on_end)} if $REQUESTS{$command->{request}};
}

sub follow_durable {
  my ($id, $directory, $credit, $output_offset, $errors_offset, $command) = @_;
  my $meta = read_record_file("$directory/meta") or die { code => 'corrupt', message => 'the record of the command cannot be read' };
  my $supervisor = durable_supervisor($meta);
  my $follower = {
    id => $id, directory => $directory, command => $command, meta => $meta, supervisor_gone => defined $supervisor ? 0 : 1,
    streams => [map { { credit => $credit } } 1 .. 2],
  };
  @{ $follower->{streams}[0] }{qw(channel name offset)} = (1, 'stdout', $output_offset);
  @{ $follower->{streams}[1] }{qw(channel name offset)} = (2, 'stderr', $errors_offset);
  my @floors = journal_floors($directory);
  if (!$command && grep { $follower->{streams}[$_]{offset} < $floors[$_] } 0 .. 1) { expired_below(@floors) }
  for my $stream (@{ $follower->{streams} }) {
    $stream->{descriptor} = open_own_file("$directory/$stream->{name}", 0);
    my $size = -s "$directory/$stream->{name}";
    next if $stream->{offset} <= $size;
    my $offset = $stream->{offset};
    end_following($follower);
    die { code => 'invalid_request', message => "expected an offset of at most $size in $stream->{name}, got $offset" };
  }
  watch_journals($follower);
  $REQUESTS{$id} = {
    on_credit => sub {
      my ($channel, $bytes) = @_;
      return unless $channel == 1 || $channel == 2;
      $follower->{streams}[$channel - 1]{credit} += $bytes;
      pump_journals($follower);
    },
    on_abandon => sub { abandon_following($follower) },
  };
  send_event($id, { event => 'started', pid => $meta->{pid}, startedAtMs => $meta->{startedAtMs} });
  if (defined $supervisor) {
    when_process_ends($supervisor, sub { supervisor_of_follower_gone($follower, $supervisor) });
  }
  pump_journals($follower);
}

# Who started the command and gives it up ends it; who only attached lets go.
sub abandon_following {
  my ($follower) = @_;
  if ($follower->{command}) {
    $_->{drop} = 1 for @{ $follower->{streams} };
    order_durable($follower->{directory}, 'cancel 0 cancelled');
    return pump_journals($follower);
  }
  end_following($follower);
  send_error($follower->{id}, { code => 'cancelled', stage => 'running', message => 'the attachment was given up' });
}

sub watch_journals {
  my ($follower) = @_;
  if (!defined $inotify) {
    my $descriptor = system_call('inotify_init1', $O_CLOEXEC | 0x800);
    die { errno => errno_name($!), message => "inotify_init1: $!" } if $descriptor < 0;
    $inotify = $descriptor;
    loop_on_readable($inotify, \&journals_changed);
  }
  # IN_MODIFY on the directory tells of each file in it.
  my $watch = system_call('inotify_add_watch', $inotify, "$follower->{directory}\0", 0x2);
  die { errno => errno_name($!), message => "inotify_add_watch: $!" } if $watch < 0;
  $follower->{watch} = $watch;
  $followers_by_watch{$watch}{$follower->{id}} = $follower;
}

sub journals_changed {
  POSIX::read($inotify, my $events, 65_536) or return;
  my (%changed, $at);
  for ($at = 0; $at + 16 <= length $events;) {
    my ($watch, $mask, undef, $length) = unpack('l L L L', substr($events, $at, 16));
    # After an overflow any of them may have changed.
    if ($mask & 0x4000) { $changed{$_} = 1 for keys %followers_by_watch } else { $changed{$watch} = 1 }
    $at += 16 + $length;
  }
  for my $watch (keys %changed) { pump_journals($_) for values %{ $followers_by_watch{$watch} // {} } }
}

# Sends what may be sent now, and the end once all was.
sub pump_journals {
  my ($follower) = @_;
  return if $follower->{over};
  on_behalf_of($follower->{id}, sub { pump_journals_once($follower) });
  end_following($follower) unless $REQUESTS{$follower->{id}};
}

sub pump_journals_once {
  my ($follower) = @_;
  # Looked at before the journals: what they hold then is all.
  my $ended = exit_record_of($follower);
  my $sent = 0;
  for my $stream (@{ $follower->{streams} }) {
    next if $stream->{ended};
    while ($stream->{credit} > 0 && !$stream->{drop}) {
      return follow_later($follower) if $sent >= $follow_round_bytes || output_pending() >= $OUTPUT_LIMIT;
      my $wanted = $stream->{credit} < $follow_bytes ? $stream->{credit} : $follow_bytes;
      if ($ended && defined $ended->{"$stream->{name}Bytes"}) {
        my $rest = $ended->{"$stream->{name}Bytes"} - $stream->{offset};
        $wanted = $rest if $rest < $wanted;
      }
      last if $wanted <= 0;
      system_call('lseek', $stream->{descriptor}, $stream->{offset} + 0, 0);
      my $count = POSIX::read($stream->{descriptor}, my $bytes, $wanted);
      last unless $count && $count > 0;
      # Zeros of a hole are no output: the floor is told before a hole is made.
      next if tell_dropped($follower, $stream);
      $stream->{offset} += $count;
      $stream->{credit} -= $count;
      $sent += $count;
      send_data($follower->{id}, $stream->{channel}, $bytes);
    }
    next unless $ended;
    my $size = $ended->{"$stream->{name}Bytes"} // -s "$follower->{directory}/$stream->{name}";
    my $unsent = $size - $stream->{offset};
    next if $unsent > 0 && !$stream->{drop};
    # Given up by who started it: what was not sent is told, so that the counts agree.
    send_event($follower->{id}, { event => 'dropped', channel => $stream->{channel}, bytes => $unsent }) if $unsent > 0;
    $stream->{ended} = 1;
    send_end($follower->{id}, $stream->{channel});
  }
  follow_to_the_end($follower, $ended) if $ended && !grep { !$_->{ended} } @{ $follower->{streams} };
}

# Lets others have their turn, or the client take what waits.
sub follow_later {
  my ($follower) = @_;
  return if $follower->{later};
  $follower->{later} = 1;
  my $again = sub { $follower->{later} = 0; pump_journals($follower) };
  if (output_pending() >= $OUTPUT_LIMIT) { when_output_drains($again) } else { loop_after(0, $again) }
}

# Without an exit record it was killed, and what it supervised came to us if it was started from here.
sub supervisor_of_follower_gone {
  my ($follower, $supervisor) = @_;
  my $go_on = sub { $follower->{supervisor_gone} = 1; pump_journals($follower) };
  if (-s "$follower->{directory}/exit") { $go_on->() } else { sweep_adopted($supervisor, $go_on) }
}

# The exit record; a made-up "unknown" when the supervisor died without having written one; else nothing.
sub exit_record_of {
  my ($follower) = @_;
  my $path = "$follower->{directory}/exit";
  my $gone = $follower->{supervisor_gone};
  my $record = -s $path ? read_record_file($path) : undef;
  return $record if $record || !$gone;
  return { exit => 'unknown', value => 'its supervisor died', reason => 'exited', durationUs => 0 };
}

sub follow_to_the_end {
  my ($follower, $ended) = @_;
  my ($output, $errors) = @{ $follower->{streams} };
  my $supervisor = $follower->{supervisor_gone} ? undef : durable_supervisor($follower->{meta});
  my @background = defined $supervisor && $ended->{exit} ne 'unknown' ? descendants_of($supervisor) : ();
  my $command = $follower->{command};
  if ($command) { $command->{state} = 'ended'; $command->{finished} = 1; close_command_input($command); close_durable_terminal($command) }
  end_following($follower);
  send_result($follower->{id}, {
    (map { $_ => $ended->{$_} } qw(exit value reason durationUs)), background => pack_list(@background),
    stdoutBytes => $ended->{stdoutBytes} // $output->{offset}, stderrBytes => $ended->{stderrBytes} // $errors->{offset},
  });
}

sub close_durable_terminal {
  my ($command) = @_;
  loop_close($command->{terminal}) if defined $command->{terminal};
  $command->{terminal} = undef;
}

sub end_following {
  my ($follower) = @_;
  return if $follower->{over}++;
  for my $stream (@{ $follower->{streams} }) { POSIX::close($stream->{descriptor}) if defined $stream->{descriptor} }
  my $watch = $follower->{watch} // return;
  delete $followers_by_watch{$watch}{$follower->{id}};
  return if %{ $followers_by_watch{$watch} };
  delete $followers_by_watch{$watch};
  system_call('inotify_rm_watch', $inotify, $watch);
}

# Up to where the two journals were trimmed.
sub journal_floors {
  my ($directory) = @_;
  my @floors = map { int } split / /, read_small_file("$directory/floor") // '';
  return @floors == 2 ? @floors : (0, 0);
}

sub expired_below {
  my ($output, $errors) = @_;
  die { code => 'expired', message => 'output before the offset is no longer kept', floorStdout => $output, floorStderr => $errors };
}

# A reader that was overtaken goes on at the floor, and is told what it will never get. Whether it was.
sub tell_dropped {
  my ($follower, $stream) = @_;
  my $floor = (journal_floors($follower->{directory}))[$stream->{channel} - 1];
  my $bytes = $floor - $stream->{offset};
  return 0 if $bytes <= 0;
  $stream->{offset} = $floor;
  send_event($follower->{id}, { event => 'dropped', channel => $stream->{channel}, bytes => $bytes });
  return 1;
}
