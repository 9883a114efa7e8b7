# Messages with descriptors (SCM_RIGHTS) over unix sockets, by system call.

my ($sendmsg_call, $recvmsg_call) = @SYSTEM_CALL{'sendmsg', 'recvmsg'};
my $most_passed = 8;
my $control_space = 16 + 4 * $most_passed;

# Sends bytes and descriptors in one go and returns how many bytes went, or undef with $!. Never raises SIGPIPE.
# $flags: 0x40 not to wait.
sub send_message {
  my ($socket, $bytes, $descriptors, $flags) = @_;
  my $vector = pack('P Q', $bytes, length $bytes);
  my ($control, $header) = ('');
  if ($descriptors && @$descriptors) {
    $control = pack('Q l l l*', 16 + 4 * @$descriptors, 1, 1, @$descriptors);
    $control .= "\0" x (-length($control) % 8);
    $header = pack('Q L x4 P Q P Q l x4', 0, 0, $vector, 1, $control, length $control, 0);
  } else {
    $header = pack('Q L x4 P Q Q Q l x4', 0, 0, $vector, 1, 0, 0, 0);
  }
  my $sent;
  while (($sent = syscall($sendmsg_call, $socket, $header, 0x4000 | ($flags // 0))) < 0) {
    next if $! == $EINTR;
    # ETOOMANYREFS: the receiver has not yet taken the descriptors that are on their way. Soon it will have.
    last unless $! == 109;
    select(undef, undef, undef, 0.001);
  }
  return $sent < 0 ? undef : $sent;
}

# A receiver keeps its buffers, so that a waiting process has nothing left to prepare.
# $receive->($flags) returns (bytes, descriptors...), or the empty list with $! set; zero bytes are the end.
sub make_receiver {
  my ($socket, $size) = @_;
  my ($buffer, $control) = ("\0" x $size, "\0" x $control_space);
  my $vector = pack('P Q', $buffer, $size);
  my $header = pack('Q L x4 P Q P Q l x4', 0, 0, $vector, 1, $control, $control_space, 0);
  return sub {
    my ($flags) = @_;
    substr($header, 40, 8) = pack('Q', $control_space);
    # 0x40000000: what arrives is closed on exec.
    my $received = syscall($recvmsg_call, $socket, $header, 0x4000_0000 | $flags);
    return if $received < 0;
    my $used = unpack('x40 Q', $header);
    my @descriptors = $used > 16 ? unpack('x16 l' . int((unpack('Q', $control) - 16) / 4), $control) : ();
    # Keeps the vector alive, which the header only points to.
    $vector = $vector;
    return (substr($buffer, 0, $received), @descriptors);
  };
}

# A message that begins with its length (4 bytes) and may come in several pieces, after which nothing comes: it, and the descriptors
# that came with its first byte; the empty list when it does not come whole. $receive is the receiver of $socket.
sub receive_whole {
  my ($socket, $receive) = @_;
  my ($bytes, @descriptors) = $receive->(0);
  return unless length($bytes // '') >= 4;
  my $wanted = 4 + unpack('N', $bytes);
  while (length $bytes < $wanted) {
    my $count = POSIX::read($socket, my $more, 1_048_576);
    # At the end it is "0 but true".
    return unless defined $count && $count > 0;
    $bytes .= $more;
  }
  return ($bytes, @descriptors);
}
