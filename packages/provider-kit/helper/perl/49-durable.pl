# Durable commands seen from a helper, be it the one that started them or a later one: their directories, their control, and
# whether they live. A directory holds
#   meta      a record: commandId, program, pid, supervisorPid, supervisorStart, startedAtMs, timeoutMs, lifetimeMs, graceMs
#   stdout, stderr, floor    the journals, and up to where they were trimmed
#   exit      empty until the end, then a record
#   control   a FIFO that the supervisor reads: who can open it for writing knows that the supervisor lives

my $default_lifetime_ms = 86_400_000;
my $default_journal_bytes = 268_435_456;

sub durable_directory {
  my ($command_id) = @_;
  my $name = length $command_id <= 100 ? unpack('H*', $command_id) : 's' . sha256_hex($command_id);
  return "$SESSION{state_directory}/commands/$name";
}

# Looked up once: whoever makes one later is this helper.
my $session_has_durable;

sub durable_command_exists {
  my ($command_id) = @_;
  $session_has_durable //= durable_directories($SESSION{state_directory}) ? 1 : 0;
  my $directory = durable_directory($command_id);
  return 0 unless $session_has_durable && -e "$directory/meta";
  return 1 unless durable_never_started($directory);
  remove_own_tree($directory);
  return 0;
}

# Whether an earlier helper died in the middle of its start: nobody took the command over, or nothing was executed.
sub durable_never_started {
  my ($directory) = @_;
  my $record = -s "$directory/exit" ? read_record_file("$directory/exit") : undef;
  return $record->{unlaunched} ? 1 : 0 if $record;
  return 0 if -s "$directory/floor" || durable_is_alive($directory);
  my $meta = read_record_file("$directory/meta");
  return !$meta || !defined durable_supervisor($meta) ? 1 : 0;
}

sub durable_directories {
  my ($session_directory) = @_;
  opendir(my $listing, "$session_directory/commands") or return;
  my @names = sort grep { !/^\./ } readdir $listing;
  closedir $listing;
  return grep { -e "$_/meta" } map { "$session_directory/commands/$_" } @names;
}

sub open_own_file {
  my ($path, $flags) = @_;
  my $descriptor = system_call('openat', -100, "$path\0", $flags | $O_CLOEXEC | $O_NOFOLLOW, 0600);
  die { errno => errno_name($!), path => $path, message => "cannot open $path: $!" } if $descriptor < 0;
  return $descriptor;
}

# Makes the directory and turns the slot's supervisor into a durable one. From here on it is none of the pool's.
sub prepare_durable {
  my ($command, $slot) = @_;
  my $options = $command->{options};
  my $directory = durable_directory($command->{command_id});
  my $create = POSIX::O_CREAT() | POSIX::O_WRONLY() | POSIX::O_TRUNC();
  my @opened;
  my $ok = eval {
    mkdir $directory, 0700 or $! == POSIX::EEXIST() or die { errno => errno_name($!), message => "cannot make $directory: $!" };
    push @opened, open_own_file("$directory/$_", $create) for qw(stdout stderr floor exit);
    POSIX::mkfifo("$directory/control", 0600) or $! == POSIX::EEXIST() or die { errno => errno_name($!), message => "mkfifo: $!" };
    # Open both ways, so that it never ends while the supervisor lives.
    push @opened, open_own_file("$directory/control", POSIX::O_RDWR() | POSIX::O_NONBLOCK());
    my (undef, $start) = process_status($slot->{pid});
    $command->{started_at_ms} = wall_clock_ms();
    write_record_file("$directory/meta", {
      commandId => $command->{command_id}, program => $command->{program}, pid => $slot->{child}, supervisorPid => $slot->{pid},
      supervisorStart => $start, startedAtMs => $command->{started_at_ms}, timeoutMs => $options->{timeoutMs},
      lifetimeMs => $options->{lifetimeMs} // $default_lifetime_ms, graceMs => $options->{graceMs} // 0,
    });
    my $orders = pack_record({
      timeoutMs => $options->{timeoutMs}, lifetimeMs => $options->{lifetimeMs} // $default_lifetime_ms,
      graceMs => $options->{graceMs} // 0, maxJournalBytes => $options->{maxJournalBytes} // $default_journal_bytes,
      terminal => defined $command->{terminal} ? 1 : undef,
    });
    my $output = $command->{terminal} // $slot->{output};
    send_message($slot->{control}, "D$orders", [$output, $slot->{errors}, @opened], 0x40)
      or die { errno => errno_name($!), message => 'the supervisor is gone' };
    1;
  };
  my $error = $@;
  POSIX::close($_) for @opened;
  if (!$ok) { remove_own_tree($directory); die $error }
  $command->{durable} = $directory;
  $session_has_durable = 1;
  $slot->{command} = undef;
  $command->{slot} = undef;
  POSIX::close(delete $slot->{$_}) for qw(output errors);
  release_slot($slot);
}

# Nothing was executed: no trace is left, and the id is free.
sub discard_durable { my ($command) = @_; remove_own_tree($command->{durable}) }

# A descriptor to write orders to, or undef when no supervisor reads them any more.
sub durable_control {
  my ($directory) = @_;
  my $descriptor = system_call('openat', -100, "$directory/control\0", 1 | POSIX::O_NONBLOCK() | $O_CLOEXEC, 0);
  return $descriptor < 0 ? undef : $descriptor;
}

sub durable_is_alive {
  my ($directory) = @_;
  my $descriptor = durable_control($directory) // return 0;
  POSIX::close($descriptor);
  return 1;
}

# Whether the supervisor lives to take it.
sub order_durable {
  my ($directory, $line) = @_;
  my $descriptor = durable_control($directory) // return 0;
  my $written = POSIX::write($descriptor, "$line\n", 1 + length $line);
  POSIX::close($descriptor);
  return defined $written;
}

sub signal_durable { my ($command, $number) = @_; return order_durable($command->{durable}, "signal $number") }

# The supervisor's pid when that is still the same process.
sub durable_supervisor {
  my ($meta) = @_;
  my (undef, $start) = process_status($meta->{supervisorPid}) or return undef;
  return $start eq ($meta->{supervisorStart} // '') ? $meta->{supervisorPid} : undef;
}

# All that may have come to the helper when the spawner died, and must not be taken for orphans.
sub durable_supervisors {
  return () unless $SESSION{state_directory};
  return grep { defined } map { my $meta = read_record_file("$_/meta"); $meta ? durable_supervisor($meta) : undef }
    durable_directories($SESSION{state_directory});
}

# Calls back once the process is gone; at once when it is.
sub when_process_ends {
  my ($pid, $handler) = @_;
  my $descriptor = defined $pid ? system_call('pidfd_open', $pid, 0) : -1;
  if ($descriptor < 0) {
    # Without pidfd_open (kernels before 5.3) it is looked for now and then.
    return loop_after(0.05, sub { when_process_ends($pid, $handler) }) if defined $pid && kill(0, $pid);
    loop_after(0, $handler);
    return;
  }
  my $ended = 0;
  loop_on_readable($descriptor, sub {
    return if $ended++;
    loop_close($descriptor);
    $handler->();
  });
}

# Ends it with all that descends from it, and calls back with what could not be ended.
sub end_durable {
  my ($directory, $grace, $handler, $reason) = @_;
  my $meta = read_record_file("$directory/meta");
  my $supervisor = $meta ? durable_supervisor($meta) : undef;
  my $milliseconds = int($grace * 1000);
  if (!defined $supervisor || !order_durable($directory, "cancel $milliseconds " . ($reason // 'closed'))) { return $handler->() }
  # The command may have stopped it.
  kill 'CONT', $supervisor;
  my $told = 0;
  my $patience = loop_after($grace + 5, sub { $handler->(descendants_of($supervisor)) unless $told++ });
  when_process_ends($supervisor, sub { loop_cancel($patience); $handler->() unless $told++ });
}

sub cancel_durable {
  my ($id, $command_id, $grace) = @_;
  my $directory = durable_directory($command_id);
  return send_result($id, { survivors => '', confirmed => 1 }) unless durable_is_alive($directory);
  end_durable($directory, $grace, sub {
    my (@survivors) = @_;
    send_result($id, { cancelled => 1, survivors => pack_list(@survivors), confirmed => @survivors ? undef : 1 });
  }, 'cancelled');
}

# Its supervisor keeps the time itself; this is for clocks that stood still and supervisors that were stopped.
sub end_durable_past_lifetime {
  my ($directory) = @_;
  my $meta = read_record_file("$directory/meta") or return;
  order_durable($directory, 'cancel 0 timeout') if wall_clock_ms() > $meta->{startedAtMs} + $meta->{lifetimeMs} + 60_000;
}

sub list_durable {
  my @records;
  for my $directory (durable_directories($SESSION{state_directory})) {
    my $meta = read_record_file("$directory/meta") or next;
    my $supervisor = durable_supervisor($meta);
    my $state = -s "$directory/exit" ? defined $supervisor ? 'background' : 'ended' : defined $supervisor ? 'running' : 'ended';
    push @records, pack_record({
      commandId => $meta->{commandId}, pid => $meta->{pid}, state => $state, program => $meta->{program}, durable => 1,
      processes => pack_list(defined $supervisor ? descendants_of($supervisor) : ()),
    });
  }
  return @records;
}
