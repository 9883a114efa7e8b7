# A durable command's supervisor: it lets go of the helper and keeps the output and the end of the command itself, in files
# that the helper opened for it, so that it may be confined and still write them.

# What is punched out of a journal at once, when it has grown past what is kept.
my $trim_bytes = 4_194_304;

# Descriptors: the command's two pipes, the two journals, floor, exit record, control.
sub begin_journal {
  my ($arguments, $output, $errors, $output_journal, $errors_journal, $floor, $exit_record, $orders) = @_;
  my $record = unpack_record($arguments);
  my $now = monotonic();
  POSIX::close($supervised{control});
  $supervised{control} = -1;
  delete $supervised{deadline};
  $supervised{durable} = {
    streams => [
      { descriptor => $output, journal => $output_journal, bytes => 0, floor => 0 },
      { descriptor => $errors, journal => $errors_journal, bytes => 0, floor => 0 },
    ],
    floor => $floor, exit_record => $exit_record, orders => $orders, started => $now, grace => $record->{graceMs} / 1000,
    most => $record->{maxJournalBytes}, unlaunched => delete $supervised{unlaunched}, terminal => $record->{terminal},
    deadlines => {
      lifetime => $now + $record->{lifetimeMs} / 1000,
      defined $record->{timeoutMs} ? (timeout => $now + $record->{timeoutMs} / 1000) : (),
    },
  };
  # From here on there is somebody who keeps the command: before, nothing of it was started.
  write_floors($supervised{durable});
}

sub write_floors {
  my ($durable) = @_;
  my $text = sprintf '%020d %020d', map { $_->{floor} } @{ $durable->{streams} };
  system_call('pwrite64', $durable->{floor}, $text, length $text, 0);
}

# Never returns.
sub journal_commands {
  my $durable = $supervised{durable};
  my ($poll_call, $no_signals) = ($SYSTEM_CALL{ppoll}, pack('Q', 0));
  while (1) {
    my @open = grep { defined $_->{descriptor} } @{ $durable->{streams} };
    my @descriptors = ($durable->{orders}, map { $_->{descriptor} } @open);
    my $wait_for = join '', map { pack('l s s', $_, 1, 0) } @descriptors;
    my ($next) = sort { $a <=> $b } values %{ $durable->{deadlines} }, $supervised{sweep} ? $supervised{sweep}{next} : ();
    my $left = defined $next ? $next - monotonic() : 3600;
    $left = 0 if $left < 0;
    my $time = pack('q q', int $left, ($left - int $left) * 1e9);
    my $ready = syscall($poll_call, $wait_for, scalar @descriptors, $time, $no_signals, 8);
    if ($ready > 0) {
      my @happened = map { unpack('x6 s', substr($wait_for, $_ * 8, 8)) } 0 .. $#descriptors;
      take_orders($durable) if shift @happened;
      for my $stream (@open) { journal_output($durable, $stream) if shift @happened }
    }
    journal_reap($durable);
    journal_timers($durable);
    journal_settle($durable);
  }
}

sub journal_output {
  my ($durable, $stream) = @_;
  my $count = POSIX::read($stream->{descriptor}, my $bytes, 131_072);
  # At the end it is "0 but true".
  if (!defined $count || $count == 0) {
    return if !defined $count && ($! == $EINTR || $! == $EAGAIN);
    POSIX::close(delete $stream->{descriptor});
    return;
  }
  return if $durable->{recorded};
  for (my $at = 0; $at < $count;) {
    my $written = POSIX::write($stream->{journal}, $at ? substr($bytes, $at) : $bytes, $count - $at);
    if (!defined $written) {
      next if $! == $EINTR;
      # Output that cannot be kept must not look as if there had been none.
      $durable->{journal_error} //= 'its output could not be kept: ' . errno_name($!);
      $supervised{reason} //= 'closed';
      return begin_sweep(0);
    }
    $at += $written;
    $stream->{bytes} += $written;
  }
  trim_journal($durable, $stream) if $stream->{bytes} - $stream->{floor} > $durable->{most} + $trim_bytes;
}

# Gives the oldest bytes back to the disk. The floor is told before, so that no reader takes zeros for output.
sub trim_journal {
  my ($durable, $stream) = @_;
  my $floor = ($stream->{bytes} - $durable->{most}) & ~4095;
  my $from = $stream->{floor};
  $stream->{floor} = $floor;
  write_floors($durable);
  system_call('fallocate', $stream->{journal}, 3, $from, $floor - $from);
}

# One line each: "cancel graceMs", "signal number", "resize columns rows".
sub take_orders {
  my ($durable) = @_;
  POSIX::read($durable->{orders}, my $lines, 4096) or return;
  for my $line (split /\n/, $lines) {
    my ($order, @values) = split / /, $line;
    if ($order eq 'cancel') {
      $supervised{reason} //= $values[1] // 'cancelled' unless defined $supervised{ended};
      begin_sweep($values[0] / 1000);
    } elsif ($order eq 'signal') {
      kill $values[0], -$supervised{pid} unless defined $supervised{ended};
    } elsif ($order eq 'resize' && $durable->{terminal} && defined $durable->{streams}[0]{descriptor}) {
      resize_terminal($durable->{streams}[0]{descriptor}, @values);
    }
  }
}

sub journal_reap {
  my ($durable) = @_;
  my $pid;
  while (($pid = waitpid(-1, POSIX::WNOHANG())) > 0) {
    next unless $pid == $supervised{pid};
    $supervised{ended} = $?;
    $durable->{ended_at} = monotonic();
    delete $durable->{deadlines}{timeout};
    $durable->{deadlines}{drain} = $durable->{ended_at} + $DRAIN_SECONDS;
  }
  $durable->{gone} = 1 if $pid < 0;
}

sub journal_timers {
  my ($durable) = @_;
  my $now = monotonic();
  for my $name (grep { $durable->{deadlines}{$_} <= $now } keys %{ $durable->{deadlines} }) {
    delete $durable->{deadlines}{$name};
    if ($name eq 'drain') { $durable->{drained} = 1; next }
    $supervised{reason} //= 'timeout' unless defined $supervised{ended};
    begin_sweep($durable->{grace});
  }
  advance_sweep() if $supervised{sweep} && $supervised{sweep}{next} <= $now && !$durable->{gone};
}

# The exit record is written when the outcome is certain; the supervisor goes when nothing is left to supervise.
sub journal_settle {
  my ($durable) = @_;
  my $open = grep { defined $_->{descriptor} } @{ $durable->{streams} };
  if (defined $supervised{ended} && !$durable->{recorded} && (!$open || $durable->{drained})
    && ($durable->{gone} || !defined $supervised{reason})) {
    write_exit_record($durable);
  }
  POSIX::_exit(0) if $durable->{gone} && $durable->{recorded};
}

sub write_exit_record {
  my ($durable) = @_;
  $durable->{recorded} = 1;
  my ($kind, $value) = exit_of_status($supervised{ended});
  ($kind, $value) = ('unknown', $durable->{journal_error}) if defined $durable->{journal_error};
  # The helper died before it could say what to execute: the exit is that of a child which had nothing to do.
  my $unlaunched = (POSIX::read($durable->{unlaunched}, my $byte, 1) // 0) > 0 ? 1 : undef;
  ($kind, $value) = ('unknown', 'it was never executed') if $unlaunched;
  my ($output, $errors) = @{ $durable->{streams} };
  my $record = pack_record({
    exit => $kind, value => $value, reason => $supervised{reason} // 'exited',
    durationUs => int(($durable->{ended_at} - $durable->{started}) * 1e6),
    stdoutBytes => $output->{bytes}, stderrBytes => $errors->{bytes}, endedAtMs => wall_clock_ms(),
    unlaunched => $unlaunched,
  });
  system_call('fdatasync', $_->{journal}) for $output, $errors;
  # In one write: whoever sees some of it sees all.
  POSIX::write($durable->{exit_record}, $record, length $record);
  system_call('fsync', $durable->{exit_record});
}
