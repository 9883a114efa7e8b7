# Ports of this machine: connections dialled for the client, and waiting until something listens.

my @loopback = (
  [Socket::AF_INET(), sub { Socket::pack_sockaddr_in($_[0], Socket::INADDR_LOOPBACK()) }],
  [Socket::AF_INET6(), sub { Socket::pack_sockaddr_in6($_[0], Socket::IN6ADDR_LOOPBACK()) }],
);
my $port_read_bytes = 65_536;

$OPERATIONS{'port.connect'} = sub {
  my ($id, $request) = @_;
  my $port = port_number($request);
  # A client that no longer wants the answer closes the connection, whether it is made yet or not.
  my $socket;
  my $abandoned = 0;
  $REQUESTS{$id} = { on_abandon => sub {
    $abandoned = 1;
    loop_close_socket($socket) if $socket;
    send_error($id, { code => 'cancelled', message => "the connection to port $port was given up" });
  } };
  dial($port, sub {
    ($socket, my $error) = @_;
    if ($abandoned) { loop_close_socket($socket) if $socket; return }
    return send_error($id, $error) if $error;
    relay_connection($id, $socket, $request->{credit} // 0);
  });
};

$OPERATIONS{'port.wait'} = sub {
  my ($id, $request) = @_;
  my $port = port_number($request);
  my $deadline = monotonic() + ($request->{timeoutMs} // 0) / 1000;
  my ($timer, $attempt);
  my $over = 0;
  $REQUESTS{$id} = { on_abandon => sub {
    $over = 1;
    $attempt = undef;
    loop_cancel($timer);
    send_error($id, { code => 'cancelled', message => "waiting for port $port was given up" });
  } };
  # A listener that is not there yet cannot be waited for, so it is asked for again and again.
  $attempt = sub {
    dial($port, sub {
      my ($socket, $error) = @_;
      loop_close_socket($socket) if $socket;
      return if $over;
      if (!$error || monotonic() >= $deadline) {
        $attempt = undef;
        return send_result($id, {}) unless $error;
        return send_error($id, { code => 'timeout', message => "nothing listens on port $port ($error->{message})" });
      }
      my $left = $deadline - monotonic();
      $timer = loop_after($left < 0.02 ? $left : 0.02, $attempt);
    });
  };
  $attempt->();
};

sub port_number {
  my ($request) = @_;
  my $port = $request->{port} // '';
  return $port if $port =~ /^\d{1,5}\z/ && $port >= 1 && $port <= 65_535;
  die { code => 'invalid_request', message => "expected a port from 1 to 65535, got `$port`" };
}

# Connects to the port over IPv4, else over IPv6: $handler->($socket) or $handler->(undef, $error).
sub dial {
  my ($port, $handler, $attempt) = @_;
  $attempt //= 0;
  my ($family, $address) = @{ $loopback[$attempt] };
  my $failed = sub {
    my ($number) = @_;
    return dial($port, $handler, $attempt + 1) if $attempt < $#loopback;
    $handler->(undef, { code => 'unavailable', errno => errno_name($number),
      message => "could not connect to port $port: " . POSIX::strerror($number) });
  };
  socket(my $socket, $family, Socket::SOCK_STREAM() | $O_CLOEXEC, 0) or return $failed->($! + 0);
  my $descriptor = fileno $socket;
  set_non_blocking($descriptor);
  setsockopt($socket, Socket::IPPROTO_TCP(), Socket::TCP_NODELAY(), pack('i', 1));
  return $handler->($socket) if connect($socket, $address->($port));
  return $failed->($! + 0) unless $! == POSIX::EINPROGRESS();
  loop_on_writable($descriptor, sub {
    my $number = unpack('i', getsockopt($socket, Socket::SOL_SOCKET(), Socket::SO_ERROR()) // pack('i', POSIX::EIO()));
    loop_off_writable($descriptor);
    if ($number == 0) { $handler->($socket) } else { close $socket; $failed->($number) }
  });
}

sub loop_close_socket {
  my ($socket) = @_;
  my $descriptor = fileno $socket;
  return unless defined $descriptor;
  loop_off_readable($descriptor);
  loop_off_writable($descriptor);
  close $socket;
}

# Moves bytes both ways under credit until both have ended.
sub relay_connection {
  my ($id, $socket, $credit) = @_;
  my $descriptor = fileno $socket;
  my ($unsent, $client_ended, $peer_ended, $received) = ('', 0, 0, 0);
  my ($listen, $receive, $send);
  my $finish = sub {
    my ($error) = @_;
    loop_close_socket($socket);
    # They refer to themselves and would be kept for ever.
    $listen = $receive = $send = undef;
    $error ? send_error($id, $error) : send_result($id, { dataBytes => $received });
  };
  my $settle = sub { $finish->() if $peer_ended && $client_ended && $unsent eq '' };
  $listen = sub {
    if ($credit > 0 && !$peer_ended) { loop_on_readable($descriptor, $receive) } else { loop_off_readable($descriptor) }
  };
  $receive = sub {
    if (output_pending() >= $OUTPUT_LIMIT) {
      loop_off_readable($descriptor);
      return when_output_drains(sub { $listen->() if $listen });
    }
    my $count = sysread($socket, my $bytes, $credit < $port_read_bytes ? $credit : $port_read_bytes);
    if (!defined $count) {
      return if $! == $EAGAIN || $! == $EINTR;
      return $finish->({ errno => errno_name($!), stage => 'running', message => "the connection failed: $!" });
    }
    if ($count == 0) {
      $peer_ended = 1;
      $listen->();
      send_end($id, 1);
      return $settle->();
    }
    $credit -= $count;
    $received += $count;
    send_data($id, 1, $bytes);
    $listen->() if $listen;
  };
  $send = sub {
    while ($unsent ne '') {
      my $count = syswrite($socket, $unsent);
      if (!defined $count) {
        next if $! == $EINTR;
        return loop_on_writable($descriptor, $send) if $! == $EAGAIN;
        return $finish->({ errno => errno_name($!), stage => 'running', message => "the connection failed: $!" });
      }
      substr($unsent, 0, $count, '');
      grant_credit($id, 0, $count);
    }
    loop_off_writable($descriptor);
    shutdown($socket, 1) if $client_ended;
    $settle->();
  };
  $REQUESTS{$id} = {
    on_data => sub { my ($channel, $bytes) = @_; $unsent .= $bytes; $send->() },
    on_end => sub { $client_ended = 1; $send->() },
    on_credit => sub { my ($channel, $bytes) = @_; $credit += $bytes; $listen->() },
    on_abandon => sub { $finish->({ code => 'cancelled', message => 'the connection was closed' }) },
  };
  send_event($id, { event => 'connected' });
  $listen->();
}
