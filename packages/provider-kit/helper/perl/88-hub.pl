# The hub: a helper that serves no session itself but forks one for each that is asked of it, so that many sessions share one
# process's streams and one compiled program. A forked helper is as one that was started by itself, and its streams are a
# request's: channel 0 its standard input, 1 its output, 2 its error.

# How much of what a forked helper may have waiting for it here is given back at once.
my $helper_grant = 131_072;
my $helper_read_bytes = 131_072;

# Seconds in which what is left in the streams of a helper that ended is passed on, where others hold them open.
my $last_bytes_seconds = 0.2;

my %helpers;    # by process number
my $helper_bytes = '';

$OPERATIONS{'helper.start'} = sub {
  my ($id, $request) = @_;
  die { code => 'invalid_request', message => 'this helper serves a session itself' } if %SESSION;
  if (!$IS_HUB) {
    ($IS_HUB, $0) = (1, 'mooring-hub');
    dismiss_early_spawner();
  }
  my ($socket, $helper_socket) = make_socket_pair(Socket::SOCK_STREAM());
  my ($errors, $helper_errors) = eval { make_pipe() };
  my $process = defined $errors ? fork : undef;
  if (!defined $process) {
    my $error = $@ || { errno => errno_name($!), message => "cannot fork a helper: $!" };
    POSIX::close($_) for grep { defined } $socket, $helper_socket, $errors, $helper_errors;
    die $error;
  }
  if ($process == 0) {
    eval { become_helper($request, $helper_socket, $helper_errors); 1 } or POSIX::write(2, "$@", length "$@");
    POSIX::_exit(70);
  }
  POSIX::close($_) for $helper_socket, $helper_errors;
  set_non_blocking($socket);
  my $helper = {
    id => $id, process => $process, socket => $socket, errors => $errors, unsent => '', owed => 0, received => 0,
    credit => { 1 => $request->{credit} // 0, 2 => $request->{credit} // 0 },
  };
  $helpers{$process} = $helper;
  $REQUESTS{$id} = {
    on_data => sub { $helper->{unsent} .= $_[1]; send_to_helper($helper) unless $helper->{is_waiting} },
    on_end => sub { $helper->{input_ended} = 1; send_to_helper($helper) unless $helper->{is_waiting} },
    on_credit => sub { $helper->{credit}{ $_[0] } += $_[1]; listen_to_helper($helper) },
    # One that has ended is no process any more.
    on_abandon => sub { defined $helper->{status} ? helper_is_over($helper) : kill 'KILL', $process },
  };
  widen_upload($id);
  listen_to_helper($helper);
};

# In the forked process: nothing of the hub's is left, and it begins as at its own start.
sub become_helper {
  my ($request, $socket, $errors) = @_;
  ($IS_HUB, $IS_FORKED) = (0, 1);
  loop_forget();
  POSIX::dup2($socket, 0);
  POSIX::dup2($socket, 1);
  POSIX::dup2($errors, 2);
  close_descriptors_but(0 .. 2);
  POSIX::setsid();
  forget_signals();
  restore_descriptor_limit();
  frames_forget();
  dispatch_forget();
  (%helpers, %REQUESTS) = ();
  ($MOORING_NONCE, $MOORING_KIND) = @$request{qw(nonce kind)};
  main();
}

# Reads as much as has credit, and nothing while much waits for the client.
sub listen_to_helper {
  my ($helper) = @_;
  for ([1, 'socket'], [2, 'errors']) {
    my ($channel, $name) = @$_;
    my $descriptor = $helper->{$name} // next;
    next if $helper->{ended}{$channel};
    if ($helper->{credit}{$channel} > 0) { loop_on_readable($descriptor, sub { read_from_helper($helper, $channel, $descriptor) }) }
    else { loop_off_readable($descriptor) }
  }
}

sub read_from_helper {
  my ($helper, $channel, $descriptor) = @_;
  if (output_pending() >= $OUTPUT_LIMIT) {
    loop_off_readable($descriptor);
    return when_output_drains(sub { listen_to_helper($helper) });
  }
  my $credit = $helper->{credit}{$channel};
  my $count = POSIX::read($descriptor, $helper_bytes, $credit < $helper_read_bytes ? $credit : $helper_read_bytes);
  return if !defined $count && ($! == $EAGAIN || $! == $EINTR);
  return helper_stream_ended($helper, $channel, $descriptor) if !$count || $count == 0;
  $helper->{received} += $count;
  $helper->{credit}{$channel} -= $count;
  send_data($helper->{id}, $channel, $helper_bytes);
  loop_off_readable($descriptor) if $helper->{credit}{$channel} <= 0;
}

sub helper_stream_ended {
  my ($helper, $channel, $descriptor) = @_;
  $helper->{ended}{$channel} = 1;
  delete $helper->{ $channel == 1 ? 'socket' : 'errors' };
  loop_close($descriptor);
  send_end($helper->{id}, $channel);
  helper_is_over($helper) if defined $helper->{status} && $helper->{ended}{1} && $helper->{ended}{2};
}

# A helper that takes nothing gets nothing more from the client either, and holds up nobody else.
sub send_to_helper {
  my ($helper) = @_;
  my $socket = $helper->{socket};
  # It closed its output: it is about to end, and needs no input.
  if (!defined $socket) { $helper->{unsent} = ''; return }
  while (length $helper->{unsent}) {
    my $count = POSIX::write($socket, $helper->{unsent}, length $helper->{unsent});
    if (!defined $count) {
      next if $! == $EINTR;
      if ($! == $EAGAIN) {
        loop_on_writable($socket, sub { send_to_helper($helper) }) unless $helper->{is_waiting}++;
        return;
      }
      # Its end is told by what it says.
      $helper->{unsent} = '';
      last;
    }
    substr($helper->{unsent}, 0, $count, '');
    $helper->{owed} += $count;
    next if $helper->{owed} < $helper_grant;
    grant_credit($helper->{id}, 0, $helper->{owed});
    $helper->{owed} = 0;
  }
  loop_off_writable($socket) if delete $helper->{is_waiting};
  system_call('shutdown', $socket, 1) if $helper->{input_ended};
}

# On SIGCHLD.
sub reap_helpers {
  while ((my $process = waitpid(-1, POSIX::WNOHANG())) > 0) {
    my $status = $?;
    my $helper = delete $helpers{$process} or next;
    $helper->{status} = $status;
    if ($helper->{ended}{1} && $helper->{ended}{2}) { helper_is_over($helper) }
    else { $helper->{timer} = loop_after($last_bytes_seconds, sub { helper_is_over($helper) }) }
  }
}

sub helper_is_over {
  my ($helper) = @_;
  return if $helper->{is_over}++;
  loop_cancel($helper->{timer});
  for my $name (qw(socket errors)) {
    my $descriptor = delete $helper->{$name};
    loop_close($descriptor) if defined $descriptor;
  }
  my ($kind, $value) = exit_of_status($helper->{status});
  send_result($helper->{id}, { exit => $kind, value => $value, dataBytes => $helper->{received} });
}
