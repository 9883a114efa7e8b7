# Inside a worker: one request at a time, blocking calls, and its own end of the credit.

# handle, id, in (bytes), credit, input (list), input_ended, next (the request that came), owed (bytes to grant)
my %WORK;

sub serve_as_worker {
  my ($handle) = @_;
  reset_signals();
  $SIG{PIPE} = 'IGNORE';
  # What it was told at the very end of a clean-up; it will be told again.
  $SIG{__WARN__} = sub { print STDERR $_[0] if $_[0] !~ /\A\t\(in cleanup\) HASH/ };
  # Pipes of commands are among what the helper holds: a copy of one would keep it open.
  close_descriptors_but(fileno $handle, 2, pinned_descriptors(), version_lock_descriptors());
  POSIX::open('/dev/null', O_RDWR) for 0, 1;
  # It ends with the helper, and not by force, as it may have a temporary file to remove: out of the group that a transport kills.
  POSIX::setpgid(0, 0);
  system_call('prctl', 1, POSIX::SIGTERM(), 0, 0, 0);
  %WORK = (handle => $handle, number => fileno $handle, in => '');
  while (1) {
    read_frames() while !$WORK{next};
    my ($id, $request) = @{ delete $WORK{next} };
    $WORK{busy} = 1;
    my $answer = do {
      local $SIG{TERM} = sub {
        # What dies in a clean-up is lost, and so would be the rest of the clean-up: it is asked again, until that is over.
        return kill 'TERM', $$ if is_cleaning_up();
        $WORK{stopping} = 1;
        die { code => 'cancelled', message => 'the operation was abandoned' };
      };
      run_worker_operation($request);
    };
    $SIG{TERM} = 'IGNORE' if $WORK{stopping};
    $WORK{busy} = 0;
    # What the client got by then is all of it, or it was lost on the way.
    $answer->[1]{dataBytes} = $WORK{sent} if $answer->[0] == 0x81 && $WORK{sent};
    send_from_worker($answer->[0], pack_record($answer->[1]));
    last if $WORK{stopping};
  }
}

sub is_cleaning_up {
  for (my $level = 1; my @frame = caller $level; $level++) { return 1 if $frame[3] =~ /::DESTROY\z/ }
  return 0;
}

sub run_worker_operation {
  my ($request) = @_;
  local $@;
  my $result = eval { $WORKER_OPERATIONS{ $request->{op} }->($request) };
  return [ 0x81, $result ] if $result;
  my $error = $@;
  return [ 0x82, $error ] if ref $error eq 'HASH';
  return [ 0x82, { code => 'internal', message => "$error" } ];
}

# The helper is gone or wants no more of us; temporary files are removed on the way out.
sub leave_helper {
  $WORK{stopping} = 1;
  die { code => 'disconnected', message => 'the helper ended' } if $WORK{busy};
  POSIX::_exit(0);
}

sub read_frames {
  my $got = sysread $WORK{handle}, $WORK{in}, 524_288, length $WORK{in};
  return if !defined $got && $! == Errno::EINTR();
  leave_helper() if !$got;
  my $offset = 0;
  my $held   = length $WORK{in};
  while ($held - $offset >= 9) {
    my ($length, $type, $id) = unpack 'N C N', substr $WORK{in}, $offset, 9;
    last if $held - $offset < 4 + $length;
    take_frame($type, $id, substr $WORK{in}, $offset + 9, $length - 5);
    $offset += 4 + $length;
  }
  substr $WORK{in}, 0, $offset, '';
}

sub take_frame {
  my ($type, $id, $payload) = @_;
  if ($type == 0x01) {
    my $request = unpack_record($payload);
    @WORK{qw(id next credit window input input_ended owed batch flushed_at sent)} =
      ($id, [ $id, $request ], $request->{credit} // 0, $request->{credit} // 0, [], 0, 0, '', 0, 0);
  }
  elsif (!defined $WORK{id} || $id != $WORK{id}) { return }
  elsif ($type == 0x02) { push @{ $WORK{input} }, substr $payload, 1 }
  elsif ($type == 0x03) { $WORK{input_ended} = 1 }
  elsif ($type == 0x04) { $WORK{credit} += unpack 'x N', $payload }
}

sub send_from_worker {
  my ($type, $payload) = @_;
  write_all($WORK{number}, pack('NCN', 5 + length $payload, $type, $WORK{id}) . $payload)
    or leave_helper();
}

sub event_from_worker { send_from_worker(0x83, pack_record($_[0]) . $RECORD_END) }

# Bytes of the one stream of an operation; waits for credit.
sub put_bytes {
  my ($bytes) = @_;
  my $offset = 0;
  while ($offset < length $bytes) {
    read_frames() while $WORK{credit} <= 0;
    my $length = length($bytes) - $offset;
    $length = $WORK{credit} if $length > $WORK{credit};
    $length = 262_144       if $length > 262_144;
    write_all($WORK{number}, pack('NCNC', 6 + $length, 0x84, $WORK{id}, 1) . substr $bytes, $offset, $length) or leave_helper();
    $offset       += $length;
    $WORK{credit} -= $length;
    $WORK{sent}   += $length;
  }
}



# One record of a stream of them. They are gathered into frames; the first go out early, and what was found does not
# wait long for what is still sought.
sub put_record {
  my ($record) = @_;
  my $most = $WORK{window} / 2 < 61_440 ? $WORK{window} / 2 : 61_440;
  flush_records() if length $WORK{batch} && length($WORK{batch}) + 4 + length $record > $most;
  $WORK{batch} .= pack 'N/a*', $record;
}

# To be called now and then during long searches.
sub flush_records_in_time {
  return if !length $WORK{batch};
  my $now = monotonic();
  return if $now - $WORK{flushed_at} < 0.02;
  flush_records();
}

sub flush_records {
  my $length = length $WORK{batch} or return;
  fail_with('invalid_request', "expected a credit of at least $length bytes, got $WORK{window}") if $length > $WORK{window};
  read_frames() while $WORK{credit} < $length;
  $WORK{credit} -= $length;
  $WORK{sent}   += $length;
  send_from_worker(0x84, "\1$WORK{batch}");
  $WORK{batch}      = '';
  $WORK{flushed_at} = monotonic();
}

# The next bytes of channel 0, or undef at its end. Credit goes back as they are taken.
sub next_input {
  if ($WORK{owed} >= 65_536) {
    send_from_worker(0x86, pack 'CN', 0, $WORK{owed});
    $WORK{owed} = 0;
  }
  read_frames() while !@{ $WORK{input} } && !$WORK{input_ended};
  my $bytes = shift @{ $WORK{input} };
  $WORK{owed} += length $bytes if defined $bytes;
  return $bytes;
}
