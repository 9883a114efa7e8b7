# What outlives a helper: one directory a session, out of reach of confined commands, with
#   session        a record: sessionId, labels, createdAtMs, root
#   owner          locked by the helper that serves the session, with its pid
#   tmp/           the commands' private temporary directory
#   commands/      one directory a durable command

our $OWNER_LOCK;

sub own_home { return length($ENV{HOME} // '') ? $ENV{HOME} : (getpwuid $<)[7] // '/' }

# Where sessions are kept: $XDG_STATE_HOME/mooring, or a place for temporary files where no home can be written.
sub state_base {
  my $home = own_home();
  my @candidates = (
    length($ENV{XDG_STATE_HOME} // '') ? "$ENV{XDG_STATE_HOME}/mooring" : "$home/.local/state/mooring",
    (length($ENV{TMPDIR} // '') ? $ENV{TMPDIR} : '/tmp') . "/mooring-state-$<",
  );
  for my $directory (@candidates) {
    make_directories($directory, 0700);
    my @status = lstat $directory or next;
    # In a directory that all may write to, somebody else may have been first.
    return $directory if POSIX::S_ISDIR($status[2]) && $status[4] == $< && -w $directory;
  }
  die { errno => errno_name($!), path => $candidates[0], message => "cannot make the state directory: $!" };
}

sub make_directories {
  my ($path, $mode) = @_;
  my $made = '';
  for my $part (split m{/}, $path) {
    $made .= "$part/";
    mkdir $made, $mode unless -d $made;
  }
  return -d $path;
}

sub state_directory_of {
  my ($session_id) = @_;
  return state_base() . '/' . substr(sha256_hex($session_id), 0, 32);
}

# Old or new, never half.
sub write_record_file {
  my ($path, $record) = @_;
  my $temporary = "$path.$$.tmp";
  open(my $file, '>', $temporary) or die { errno => errno_name($!), path => $path, message => "cannot write $path: $!" };
  print {$file} pack_record($record);
  close $file and rename $temporary, $path or die { errno => errno_name($!), path => $path, message => "cannot write $path: $!" };
}

# The record, or undef when there is none that can be read.
sub read_record_file {
  my ($path) = @_;
  my $bytes = read_small_file($path);
  return undef unless length($bytes // '');
  return eval { unpack_record($bytes) };
}

# Makes this helper the session's owner. A helper that still serves it, for a client that may be long gone, is told to end:
# whoever resumes last owns the session.
sub take_ownership {
  my ($directory) = @_;
  my $path = "$directory/owner";
  my $lock = system_call('openat', -100, "$path\0", 2 | POSIX::O_CREAT() | $O_CLOEXEC, 0600);
  die { errno => errno_name($!), path => $path, message => "cannot open $path: $!" } if $lock < 0;
  my $deadline = monotonic() + 10;
  my $asked = 0;
  while (system_call('flock', $lock, 2 | 4) != 0) {
    my $pid = read_small_file($path) // '';
    kill 'TERM', $pid if $pid =~ /^[1-9]\d*$/ && !$asked++;
    if (monotonic() > $deadline) {
      POSIX::close($lock);
      die { code => 'conflict', message => 'another helper serves this session and does not let go of it' };
    }
    select(undef, undef, undef, 0.01);
  }
  system_call('ftruncate', $lock, 0);
  POSIX::write($lock, "$$", length $$);
  $OWNER_LOCK = $lock;
}

sub is_owned {
  my ($directory) = @_;
  my $lock = system_call('openat', -100, "$directory/owner\0", $O_CLOEXEC, 0);
  return 0 if $lock < 0;
  my $free = system_call('flock', $lock, 1 | 4) == 0;
  POSIX::close($lock);
  return !$free;
}

# Removes a tree of our own. Links are removed, never followed.
sub remove_own_tree {
  my ($path) = @_;
  if (!-l $path && -d _) {
    if (opendir(my $directory, $path)) {
      my @names = grep { $_ ne '.' && $_ ne '..' } readdir $directory;
      closedir $directory;
      # What commands left may be closed to its owner.
      chmod 0700, $path if @names;
      remove_own_tree("$path/$_") for @names;
    } else {
      chmod 0700, $path;
      return remove_own_tree($path) if opendir(my $again, $path);
    }
    rmdir $path;
  } else {
    unlink $path;
  }
}

$OPERATIONS{'session.sessions'} = sub {
  my ($id) = @_;
  my @records;
  for my $directory (session_directories()) {
    my $session = read_record_file("$directory/session") or next;
    my @running = grep { durable_is_alive($_) } durable_directories($directory);
    push @records, pack_record({
      sessionId => $session->{sessionId}, labels => $session->{labels} // '', createdAtMs => $session->{createdAtMs},
      commands => scalar @running, alive => is_owned($directory) ? 1 : undef,
    });
  }
  send_result($id, { sessions => pack_list(@records) });
};

sub session_directories {
  my $base = state_base();
  opendir(my $listing, $base) or return;
  my @names = sort grep { /^[0-9a-f]{32}\z/ } readdir $listing;
  closedir $listing;
  return map { "$base/$_" } @names;
}

# Removes what nobody owns and where nothing runs any more.
$OPERATIONS{'session.reap'} = sub {
  my ($id, $request) = @_;
  my %wanted = map { $_ => 1 } unpack_list($request->{labels});
  my (@reaped, @kept);
  for my $directory (session_directories()) {
    my $session = read_record_file("$directory/session");
    # Without its record it may be one that is just being made.
    next if !$session && -M $directory < 1 / 24;
    my %labels = map { $_ => 1 } $session ? eval { unpack_list($session->{labels}) } : ();
    next if grep { !$labels{$_} } keys %wanted;
    my $name = $session ? $session->{sessionId} : '';
    if (is_owned($directory) || directory_is_own_session($directory)) { push @kept, $name; next }
    end_durable_past_lifetime($_) for durable_directories($directory);
    if (grep { durable_is_alive($_) } durable_directories($directory)) { push @kept, $name; next }
    remove_own_tree($directory);
    push @reaped, $name;
  }
  send_result($id, { reaped => pack_list(@reaped), kept => pack_list(@kept) });
};

sub directory_is_own_session { return %SESSION && $SESSION{state_directory} eq $_[0] }
