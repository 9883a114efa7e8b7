# The pool of forked workers: what may take long runs there, so that the loop goes on answering. A worker speaks the
# same frames over a socket pair; the loop only passes them on, and credit reaches the worker itself.

# Idle workers that are kept, and how many may be busy at once. Streams wait for their reader, watches for changes:
# they have limits of their own, so that they never keep a write from starting.
use constant MOST_IDLE_WORKERS => 4;
my %MOST_BUSY = (work => 8, stream => 64, watch => 64);

# How long a worker may clean up after itself when it is told to stop.
use constant STOP_SECONDS => 0.5;

my %WORKERS;            # by process number
my @IDLE_WORKERS;
my @WAITING_JOBS;
my %BUSY = (work => 0, stream => 0, watch => 0);
my %WORKER_OPERATIONS;

# Registers an operation that runs in a worker: sub { my ($request) = @_; return \%result }.
sub in_worker {
  my ($operation, $class, $code) = @_;
  $WORKER_OPERATIONS{$operation} = $code;
  $OPERATIONS{$operation} //= sub { start_in_worker(@_, $class) };
}

sub start_in_worker {
  my ($id, $request, $class) = @_;
  my $job = { id => $id, class => $class, frames => plain_frame(0x01, $id, pack_record($request)) };
  $REQUESTS{$id} = {
    on_data    => sub { pass_to_job($job, 0x02, chr($_[0]) . $_[1]) },
    on_end     => sub { pass_to_job($job, 0x03, chr $_[0]) },
    on_credit  => sub { pass_to_job($job, 0x04, pack 'CN', @_[ 0, 1 ]) },
    on_abandon => sub { stop_job($job) },
  };
  push @WAITING_JOBS, $job;
  start_waiting_jobs();
  widen_upload($id) if takes_stream($request);
}

sub takes_stream {
  my ($request) = @_;
  return $request->{op} eq 'file.extract' || ($request->{op} eq 'file.write' && !defined $request->{contents});
}

sub plain_frame { return pack('NCN', 5 + length $_[2], $_[0], $_[1]) . $_[2] }

sub start_waiting_jobs {
  my @still_waiting;
  while (my $job = shift @WAITING_JOBS) {
    if ($BUSY{ $job->{class} } >= $MOST_BUSY{ $job->{class} }) {
      push @still_waiting, $job;
      next;
    }
    my $worker = pop @IDLE_WORKERS // fork_worker();
    if (!$worker) {
      send_error($job->{id}, { errno => errno_name($!), message => "cannot start a worker: $!" });
      next;
    }
    $BUSY{ $job->{class} }++;
    $job->{worker} = $worker;
    $worker->{job} = $job;
    send_to_worker($worker, delete $job->{frames});
  }
  @WAITING_JOBS = @still_waiting;
}

sub pass_to_job {
  my ($job, $type, $payload) = @_;
  my $frame = plain_frame($type, $job->{id}, $payload);
  if   ($job->{worker}) { send_to_worker($job->{worker}, $frame) }
  else                  { $job->{frames} .= $frame }
}

# Forks one ahead of need.
sub warm_workers {
  return if %WORKERS;
  my $worker = fork_worker();
  push @IDLE_WORKERS, $worker if $worker;
}

sub fork_worker {
  socketpair(my $ours, my $theirs, Socket::AF_UNIX(), Socket::SOCK_STREAM(), 0) or return undef;
  setsockopt $_, Socket::SOL_SOCKET(), Socket::SO_SNDBUF(), 1_048_576 for $ours, $theirs;
  my $process = fork;
  return undef if !defined $process;
  if ($process == 0) {
    eval { serve_as_worker($theirs); 1 } or ref $@ or POSIX::write(2, "$@", length "$@");
    POSIX::_exit(0);
  }
  close $theirs;
  fcntl $ours, Fcntl::F_SETFL(), O_NONBLOCK;
  my $worker = { process => $process, handle => $ours, number => fileno $ours, in => '', out => '' };
  $WORKERS{$process} = $worker;
  loop_on_readable($worker->{number}, sub { read_from_worker($worker) });
  return $worker;
}

sub send_to_worker {
  my ($worker, $frame) = @_;
  my $queued = length $worker->{out};
  $worker->{out} .= $frame;
  flush_to_worker($worker) if !$queued;
  loop_on_writable($worker->{number}, sub { flush_to_worker($worker) }) if !$queued && length $worker->{out};
}

# A worker that is gone shows as the end of what it sends; there is nothing to report here.
sub flush_to_worker {
  my ($worker) = @_;
  return if $worker->{gone};
  my $written = syswrite $worker->{handle}, $worker->{out};
  if (defined $written) { substr $worker->{out}, 0, $written, '' }
  elsif ($! != Errno::EAGAIN() && $! != Errno::EINTR()) { $worker->{out} = '' }
  loop_off_writable($worker->{number}) if !length $worker->{out};
}

sub read_from_worker {
  my ($worker) = @_;
  my $got = sysread $worker->{handle}, $worker->{in}, 1_048_576, length $worker->{in};
  return if !defined $got && ($! == Errno::EAGAIN() || $! == Errno::EINTR());
  return worker_gone($worker) if !$got;
  my ($offset, $passed, $held) = (0, 0, length $worker->{in});
  while ($held - $offset >= 9) {
    my ($length, $type, $id) = unpack 'N C N', substr $worker->{in}, $offset, 9;
    last if $held - $offset < 4 + $length;
    $offset += 4 + $length;
    # Data and events pass as they are, as many as came together.
    next if $type == 0x84 || $type == 0x83;
    my $start = $offset - 4 - $length;
    pass_frames(substr $worker->{in}, $passed, $start - $passed) if $start > $passed;
    $passed = $offset;
    my $payload = substr $worker->{in}, $start + 9, $length - 5;
    if ($type == 0x86) {
      grant_credit($id, unpack 'CN', $payload);
      next;
    }
    # Free before the answer goes out: the client may ask for the next thing on seeing it.
    job_ended($worker);
    send_frame($type, $id, $payload);
    finish_request($id);
  }
  pass_frames(substr $worker->{in}, $passed, $offset - $passed) if $offset > $passed;
  substr $worker->{in}, 0, $offset, '';
  start_waiting_jobs() if @WAITING_JOBS;
}

sub job_ended {
  my ($worker) = @_;
  my $job = delete $worker->{job} or return;
  $BUSY{ $job->{class} }--;
  delete $job->{worker};
  # One that was told to stop ends after its last answer.
  return if $worker->{stopping};
  if (@IDLE_WORKERS >= MOST_IDLE_WORKERS) { retire_worker($worker) }
  else                                    { push @IDLE_WORKERS, $worker }
}

# Ends an idle worker by ending what it reads.
sub retire_worker {
  my ($worker) = @_;
  shutdown $worker->{handle}, 1;
}

sub worker_gone {
  my ($worker) = @_;
  $worker->{gone} = 1;
  loop_off_readable($worker->{number});
  loop_off_writable($worker->{number}) if length $worker->{out};
  close $worker->{handle};
  loop_cancel($worker->{timer}) if $worker->{timer};
  @IDLE_WORKERS = grep { $_ != $worker } @IDLE_WORKERS;
  collect_worker($worker->{process});
  my $job = $worker->{job};
  if ($job) {
    my $error =
      $worker->{stopping}
      ? { code => 'cancelled', message => 'the operation was abandoned' }
      : { code => 'internal', message => 'the worker that did this ended unexpectedly' };
    job_ended($worker);
    send_error($job->{id}, $error);
  }
  start_waiting_jobs() if @WAITING_JOBS;
}

# It has closed its end and is about to be a zombie, if it is not one yet.
sub collect_worker {
  my ($process) = @_;
  my $collected = waitpid $process, POSIX::WNOHANG();
  if ($collected == 0) { loop_after(0.01, sub { collect_worker($process) }) }
  else                 { delete $WORKERS{$process} }
}

sub stop_job {
  my ($job) = @_;
  my $worker = $job->{worker};
  if (!$worker) {
    @WAITING_JOBS = grep { $_ != $job } @WAITING_JOBS;
    send_error($job->{id}, { code => 'cancelled', message => 'the operation was abandoned' });
    return;
  }
  return if $worker->{stopping};
  $worker->{stopping} = 1;
  ask_to_stop($worker, monotonic() + STOP_SECONDS);
}

# Asked first, so that it removes its temporary file, and again, as it does not hear what it is told in the middle of a
# clean-up; a regular expression that runs away does not listen at all.
sub ask_to_stop {
  my ($worker, $deadline) = @_;
  my $is_late = monotonic() >= $deadline;
  kill $is_late ? 'KILL' : 'TERM', $worker->{process};
  $worker->{timer} = $is_late ? undef : loop_after(STOP_SECONDS / 10, sub { ask_to_stop($worker, $deadline) });
}

# Processes that are the helper's own and no command's: a sweep must pass them by.
sub worker_processes { return keys %WORKERS }

# At the end of a session: all are told, waited for shortly, and killed.
sub end_workers {
  my @processes = keys %WORKERS;
  return if !@processes;
  kill 'TERM', @processes;
  my $deadline = monotonic() + STOP_SECONDS;
  while (@processes && monotonic() < $deadline) {
    @processes = grep { waitpid($_, POSIX::WNOHANG()) == 0 } @processes;
    select undef, undef, undef, 0.002 if @processes;
  }
  for my $process (@processes) {
    kill 'KILL', $process;
    waitpid $process, 0;
  }
  %WORKERS = ();
}
push @SESSION_END_HOOKS, \&end_workers;
