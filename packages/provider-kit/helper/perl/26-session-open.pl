# session.open: pins the roots, makes or finds the session's state, settles confinement and environment, starts the spawner.

# How long what serves commands and long file operations waits, where many sessions may be beginning, for the first of those.
my $start_later_seconds = 0.1;

$OPERATIONS{'session.open'} = sub {
  my ($id, $request) = @_;
  die { code => 'invalid_request', message => 'the session is open already' } if %SESSION;
  die { code => 'invalid_request', message => 'a hub serves no session itself' } if $IS_HUB;
  my $opened = eval { open_session($request); 1 };
  if (!$opened) {
    my $error = $@;
    %SESSION = ();
    die $error;
  }
  my ($system, undef, undef, undef, $machine) = POSIX::uname();
  send_result($id, {
    os => lc $system, arch => $machine, uid => $<, workspace => $SESSION{root}{path}, confinement => $SESSION{confinement},
    landlockAbi => $SESSION{landlock_abi}, fileConfinement => 'kernel', watch => 'native',
    stateDirectory => $SESSION{state_directory}, createdAtMs => $SESSION{created_at_ms},
  });
  loop_after($IS_FORKED ? $start_later_seconds : 0.005, \&warm_workers);
};

sub open_session {
  my ($request) = @_;
  for my $name (qw(root sessionId mode leaseMs)) {
    die { code => 'invalid_request', message => "expected `$name` in session.open" } unless length($request->{$name} // '');
  }
  my $root = in_own_home($request->{root});
  if ($request->{createRoot} && $root =~ m{^/} && !-d $root) {
    make_directories($root, 0777) or die { errno => errno_name($!), path => $root, message => "cannot make the workspace: $!" };
  }
  %SESSION = (
    root => pin_root($root),
    read_roots => [map { pin_root($_) } unpack_list($request->{readRoots})],
    write_roots => [map { pin_root($_) } unpack_list($request->{writeRoots})],
    env => [inherited_environment($request), unpack_list($request->{env})],
  );
  require_within($request->{within});
  settle_confinement($request);
  my $made = open_state($request);
  return if eval { start_commands($request); 1 };
  my $error = $@;
  remove_own_tree($SESSION{state_directory}) if $made;
  die $error;
}

# `~` and what lies in it. What the client calls a home is known here only.
sub in_own_home {
  my ($path) = @_;
  return $path unless $path =~ s{\A~(?=/|\z)}{};
  my $home = own_home();
  return length $path ? "$home$path" : $home;
}

# By where both really are: a link in the outer directory may have led out of it.
sub require_within {
  my ($outer) = @_;
  return unless length($outer // '');
  my $pinned = pin_root(in_own_home($outer));
  my ($path, $real) = ($pinned->{path}, $SESSION{root}{path});
  unpin_root($pinned);
  return if index("$real/", $path eq '/' ? '/' : "$path/") == 0;
  fail_with('path_escape', "the workspace lies outside of the root $path", $real);
}

# What this helper was started with, as a login's own, but for what shells keep for themselves and what the client leaves out.
sub inherited_environment {
  my ($request) = @_;
  return () unless $request->{inheritsEnvironment};
  my $left_out = join '|', qw(_ PWD OLDPWD SHLVL), map { s/\\\*\z/.*/r } map { quotemeta } unpack_list($request->{environmentExcept});
  return map { "$_=$ENV{$_}" } grep { !/\A(?:$left_out)\z/s } sort keys %ENV;
}

sub settle_confinement {
  my ($request) = @_;
  my $abi = $SESSION{landlock_abi} = landlock_abi();
  $SESSION{confinement} = 'none';
  return if ($request->{confinement} // 'none') eq 'none';
  # Before ABI 3 a file outside could be truncated, so that the name would promise more than is kept.
  if ($abi >= 3) { $SESSION{confinement} = 'workspace-write' }
  elsif ($request->{confinementRequired}) {
    die { code => 'unsupported', message => "confinement `workspace-write` needs Landlock ABI 3, and the kernel has $abi" };
  }
}

# Whether the state directory was made by this call.
sub open_state {
  my ($request) = @_;
  my $directory = state_directory_of($request->{sessionId});
  my $record = -e "$directory/session" ? read_record_file("$directory/session") : undef;
  if ($request->{mode} eq 'create') {
    # A directory without its record is what a helper left that was killed at the very start.
    die { code => 'already_exists', message => "the session `$request->{sessionId}` exists on this machine" } if $record;
    mkdir $directory, 0700 or $! == POSIX::EEXIST()
      or die { errno => errno_name($!), path => $directory, message => "cannot make the state directory: $!" };
    take_ownership($directory);
    $record = {
      sessionId => $request->{sessionId}, labels => $request->{labels} // '', createdAtMs => wall_clock_ms(), root => $SESSION{root}{path},
    };
    write_record_file("$directory/session", $record);
  } else {
    die { code => 'not_found', message => "no session `$request->{sessionId}` on this machine" } unless $record;
    # What was kept of a session may have been changed there: it is this one, at its own place, or none.
    die { code => 'conflict', message => "the session `$request->{sessionId}` does not work in $SESSION{root}{path}" }
      if ($record->{root} // '') ne $SESSION{root}{path};
    take_ownership($directory);
  }
  @SESSION{qw(state_directory session_id created_at_ms)} = ($directory, $request->{sessionId}, $record->{createdAtMs});
  mkdir "$directory/commands", 0700;
  return $request->{mode} eq 'create';
}

sub start_commands {
  my ($request) = @_;
  my $ruleset;
  if ($SESSION{confinement} ne 'none') {
    my $private = make_private_directory();
    push @{ $SESSION{env} }, "TMPDIR=$private", "TMUX_TMPDIR=$private", "XDG_CACHE_HOME=$private/cache",
      "npm_config_cache=$private/npm", "PIP_CACHE_DIR=$private/pip";
    $ruleset = make_landlock_ruleset($SESSION{landlock_abi}, $private, map { $_->{fd} } $SESSION{root}, @{ $SESSION{write_roots} });
  }
  system_call('prctl', 36, 1, 0, 0, 0);
  my $start = sub { watch_memory_kills(); start_spawner($ruleset); start_pool() };
  if ($IS_FORKED) { require_entrance($SESSION{root}); start_pool_later($start, $start_later_seconds) } else { $start->() }
  start_lease($request->{leaseMs} / 1000);
}

# That commands can begin in the workspace is found by going there.
sub require_entrance {
  my ($root) = @_;
  my $before = system_call('openat', -100, my $here = ".\0", $O_PATH | $O_DIRECTORY | $O_CLOEXEC, 0);
  my $is_open = system_call('fchdir', $root->{fd}) == 0;
  my $error = "$!";
  if ($before >= 0) { system_call('fchdir', $before); POSIX::close($before) } else { chdir '/' }
  die { code => 'internal', message => "the spawner did not start: cannot enter the workspace: $error" } unless $is_open;
}

# Unix sockets are made in it, whose paths may have 108 bytes: where the state lies deep, it lies in /tmp.
sub make_private_directory {
  my $path = "$SESSION{state_directory}/tmp";
  $path = '/tmp/mooring-' . substr(sha256_hex("$SESSION{state_directory} $$ " . monotonic()), 0, 16) if length $path > 80;
  mkdir $path, 0700 or ($! == POSIX::EEXIST() && $path eq "$SESSION{state_directory}/tmp")
    or die { errno => errno_name($!), path => $path, message => "cannot make the private temporary directory: $!" };
  return $SESSION{private_directory} = $path;
}

sub start_lease {
  my ($lease) = @_;
  my $check;
  $check = sub {
    my $silent = monotonic() - $LAST_HEARD;
    return end_of_client() if $silent >= $lease;
    loop_after($lease - $silent, $check);
  };
  loop_after($lease, $check);
}
