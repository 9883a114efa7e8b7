# Frames out: one buffer towards the client, written when the loop is about to wait. Bytes that do not fit stay queued;
# who produces much looks at output_pending() and stops while it is high.

our $OUTPUT_LIMIT = 1_048_576;

my $output = '';
my $output_descriptor = 1;
my $waiting_to_write = 0;
my $text_frames = 0;
my @drain_waiters;

# Frames that may wait a moment for the next to go with: a short command then costs the client one wake-up instead of three.
my $linger_seconds = 0.001;
my ($lingering, $linger_timer) = (0);

sub frames_use_text { $text_frames = $_[0] }

# In a forked helper: what the hub had to say is not its own.
sub frames_forget {
  ($output, $waiting_to_write, $lingering, $linger_timer) = ('', 0, 0, undef);
  @drain_waiters = ();
}

# Without MIME::Base64: uuencoding differs in its alphabet and in a length character before each line.
sub encode_base64 {
  my $encoded = pack('u', $_[0]);
  $encoded =~ s/^.//mg;
  $encoded =~ tr/\n//d;
  $encoded =~ tr{` -_}{AA-Za-z0-9+/};
  my $padding = (3 - length($_[0]) % 3) % 3;
  substr($encoded, -$padding) = '=' x $padding if $padding;
  return $encoded;
}

# Undefined when the text is no base64.
sub decode_base64 {
  my ($text) = @_;
  return undef unless length($text) % 4 == 0 && $text =~ m{^[A-Za-z0-9+/]*={0,2}\z};
  my $padding = $text =~ /(=+)\z/ ? length $1 : 0;
  $text =~ tr{A-Za-z0-9+/=}{ -_ };
  my $decoded = '';
  for (my $at = 0; $at < length $text; $at += 60) {
    my $line = substr($text, $at, 60);
    $decoded .= unpack('u', chr(32 + length($line) * 3 / 4) . $line);
  }
  return substr($decoded, 0, length($decoded) - $padding);
}

# Bytes queued towards the client and not yet written.
sub output_pending { return length $output }

# Calls back once when the queue is short again; at once when it is short now.
sub when_output_drains {
  my ($handler) = @_;
  if (length $output < $OUTPUT_LIMIT) { $handler->() } else { push @drain_waiters, $handler }
}

sub send_frame {
  my ($type, $id, $payload) = @_;
  $payload .= $RECORD_END if $type <= 0x83;
  my $frame = pack('N C N', 5 + length $payload, $type, $id) . $payload;
  if ($text_frames) { $output .= encode_base64($frame) . "\n" } else { $output .= $frame }
  $lingering = 0;
  write_output() if length $output > 262_144 && !$waiting_to_write;
}

# For a frame that nobody waits for with impatience.
sub send_frame_soon {
  my ($type, $id, $payload) = @_;
  my $may_linger = $lingering || $output eq '';
  send_frame($type, $id, $payload);
  return unless $may_linger;
  $lingering = 1;
  $linger_timer //= loop_after($linger_seconds, sub { $linger_timer = undef; $lingering = 0 });
}

# Whole frames that another process of ours has made already.
sub pass_frames {
  my ($frames) = @_;
  if ($text_frames) {
    for (my $at = 0; $at < length $frames;) {
      my $size = 4 + unpack('N', substr($frames, $at, 4));
      $output .= encode_base64(substr($frames, $at, $size)) . "\n";
      $at += $size;
    }
  } else { $output .= $frames }
  $lingering = 0;
  write_output() if length $output > 262_144 && !$waiting_to_write;
}

sub send_data {
  my ($id, $channel, $bytes) = @_;
  for (my $at = 0; $at < length $bytes; $at += 1_048_576) {
    my $part = length $bytes > 1_048_576 ? substr($bytes, $at, 1_048_576) : $bytes;
    if ($text_frames) { send_frame(0x84, $id, chr($channel) . $part); next }
    $output .= pack('N C N C', 6 + length $part, 0x84, $id, $channel);
    $output .= $part;
    $lingering = 0;
  }
  write_output() if length $output > 262_144 && !$waiting_to_write;
}

# Streams of a command are read into the place where their frame is written from, so that nothing is copied on the way.
my $frame_header_bytes = 10;
my $frame_capacity = 262_144;
my $frame = "\0" x ($frame_header_bytes + $frame_capacity);
vec($frame, 0, 8) = 0;
my $frame_address = unpack('Q', pack('P', $frame)) + $frame_header_bytes;

# Reads at most that much: the count, 0 at the end, or undef with $!.
sub read_into_frame {
  my ($descriptor, $most) = @_;
  my $count = syscall($READ_CALL, $descriptor, $frame_address, $most < $frame_capacity ? $most + 0 : $frame_capacity);
  return $count < 0 ? undef : $count;
}

# Sends what read_into_frame has just read.
sub send_read_frame {
  my ($id, $channel, $count) = @_;
  return send_data($id, $channel, substr($frame, $frame_header_bytes, $count)) if $count < 32_768 || $text_frames || $output ne '';
  substr($frame, 0, $frame_header_bytes, pack('N C N C', 6 + $count, 0x84, $id, $channel));
  my $length = $frame_header_bytes + $count;
  my $written = syscall($WRITE_CALL, $output_descriptor, $frame, $length);
  return if $written == $length;
  $lingering = 0;
  $output = substr($frame, $written < 0 ? 0 : $written, $written < 0 ? $length : $length - $written);
  write_output();
}

sub send_end { my ($id, $channel) = @_; send_frame_soon(0x85, $id, chr $channel) }
sub send_event { my ($id, $record) = @_; send_frame(0x83, $id, pack_record($record)) }

sub send_result {
  my ($id, $record) = @_;
  finish_request($id);
  send_frame(0x81, $id, pack_record($record));
}

# { errno => 'ENOENT' } or { code => 'path_escape' }, with message and what else the protocol lists. A string is a fault of ours.
sub send_error {
  my ($id, $error) = @_;
  if (ref $error ne 'HASH') {
    chomp(my $text = "$error");
    $error = { code => 'internal', message => $text };
  }
  my %record = (message => $error->{errno} // $error->{code} // 'failed', %$error);
  ref $record{survivors} eq 'ARRAY' and $record{survivors} = pack_list(@{ $record{survivors} }) if defined $record{survivors};
  finish_request($id);
  send_frame(0x82, $id, pack_record(\%record));
}

# Before each wait of the loop.
sub write_ready_output { write_output() unless $lingering || $output eq '' }

# Writes what the client takes now. The rest waits until its end can be written to again.
sub write_output {
  while (length $output) {
    my $written = POSIX::write($output_descriptor, $output, length $output);
    if (!defined $written) {
      next if $! == $EINTR;
      if ($! == $EAGAIN) {
        loop_on_writable($output_descriptor, \&write_output) unless $waiting_to_write;
        $waiting_to_write = 1;
        return;
      }
      # The client is gone: what follows is the same as the end of its input.
      $output = '';
      end_of_client();
      return;
    }
    substr($output, 0, $written, '');
    if (@drain_waiters && length $output < $OUTPUT_LIMIT / 2) {
      my @waiters = splice @drain_waiters;
      $_->() for @waiters;
    }
  }
  if ($waiting_to_write) { $waiting_to_write = 0; loop_off_writable($output_descriptor) }
}

# Writes all of it, for the last frames before the end; gives up on a client that takes nothing for so many seconds.
sub flush_output {
  my ($patience) = @_;
  my $deadline = monotonic() + $patience;
  write_output();
  while (length $output && (my $left = $deadline - monotonic()) > 0) {
    vec(my $writable = '', $output_descriptor, 1) = 1;
    select(undef, $writable, undef, $left);
    write_output();
  }
}
