# Frames in: parsed from standard input, requests handed to their operations, later frames to the requests under way.

our ($LAST_HEARD, $SESSION_ENDING) = (0, 0);

my $input = '';
my $text_input = 0;

# What the client may still send on channel 0 of each request.
my %upload_window;
# Requests whose input has ended: what came after would be lost.
my %input_ended;
# The client's requests have ascending numbers: a frame of a higher one belongs to another, and what it carries would be lost.
my $last_request = -1;
my $UPLOAD_CREDIT = 262_144;
# The same for a stream that is as long as it likes.
my $WIDE_UPLOAD_CREDIT = 1_048_576;

sub dispatch_use_text { $text_input = $_[0] }

# In a forked helper: what the hub was told is not its own.
sub dispatch_forget {
  ($input, $last_request) = ('', -1);
  (%upload_window, %input_ended) = ();
}

# Allows the client that many more bytes on a channel of its request.
sub grant_credit {
  my ($id, $channel, $bytes) = @_;
  return if $bytes <= 0 || !exists $upload_window{$id};
  $upload_window{$id} += $bytes;
  send_frame(0x86, $id, pack('C N', $channel, $bytes));
}

# What is long is not to wait for an answer at every quarter of a mebibyte.
sub widen_upload { my ($id) = @_; grant_credit($id, 0, $WIDE_UPLOAD_CREDIT - $UPLOAD_CREDIT) }

# Forgets a request. send_result and send_error do it themselves.
sub finish_request {
  my ($id) = @_;
  delete $upload_window{$id};
  delete $input_ended{$id};
  delete $REQUESTS{$id};
}

sub read_input {
  my $count = POSIX::read(0, my $bytes, 262_144);
  if (!defined $count) {
    return if $! == $EINTR || $! == $EAGAIN;
    return end_of_client();
  }
  return end_of_client() if $count == 0;
  $LAST_HEARD = $NOW;
  $input .= $bytes;
  $text_input ? take_text_frames() : take_frames();
}

sub take_frames {
  my ($at, $length) = (0, length $input);
  while ($length - $at >= 4) {
    my $size = unpack('N', substr($input, $at, 4));
    return corrupt("a frame of $size bytes") if $size < 5 || $size > 4_194_304;
    last if $length - $at < 4 + $size;
    my ($type, $id) = unpack('C N', substr($input, $at + 4, 5));
    handle_frame($type, $id, substr($input, $at + 9, $size - 5));
    $at += 4 + $size;
  }
  substr($input, 0, $at, '') if $at;
}

sub take_text_frames {
  while ((my $end = index($input, "\n")) >= 0) {
    my $line = substr($input, 0, $end + 1, '');
    $line =~ s/\r?\n\z//;
    next if $line eq '';
    my $frame = decode_base64($line);
    return corrupt('a line that is no base64') unless defined $frame && length $frame >= 9;
    my ($size, $type, $id) = unpack('N C N', $frame);
    return corrupt("a frame of $size bytes in a line of " . length $frame) unless $size == length($frame) - 4;
    handle_frame($type, $id, substr($frame, 9));
  }
  corrupt('a line that does not end') if length $input > 6_000_000;
}

sub handle_frame {
  my ($type, $id, $payload) = @_;
  # While the session ends, output still flows and the client still asks whether we live; nothing new begins.
  return if $SESSION_ENDING && $type != 0x04 && $type != 0x06;
  return corrupt("a frame of request $id, which was never made") if $id > $last_request && $type != 0x01 && $type != 0x06;
  if ($type == 0x02) {
    return corrupt('a data frame without channel') unless length $payload;
    return unless exists $upload_window{$id};
    return corrupt("data for request $id after the end of its input") if $input_ended{$id};
    my $bytes = substr($payload, 1);
    $upload_window{$id} -= length $bytes;
    return corrupt("more data than was granted for request $id") if $upload_window{$id} < 0;
    return notify($id, 'on_data', ord $payload, $bytes);
  }
  if ($type == 0x04) {
    return corrupt('a malformed credit frame') unless length $payload == 5;
    return notify($id, 'on_credit', unpack('C N', $payload));
  }
  return handle_request($id, $payload) if $type == 0x01;
  if ($type == 0x03) {
    return corrupt('a malformed end frame') unless length $payload == 1;
    $input_ended{$id} = 1 if exists $upload_window{$id};
    return notify($id, 'on_end', ord $payload);
  }
  return notify($id, 'on_abandon') if $type == 0x05;
  return send_frame(0x87, $id, '') if $type == 0x06;
  corrupt(sprintf 'a frame of unknown type 0x%02x', $type);
}

# Runs a handler on behalf of a request: what it dies of becomes the request's error.
sub on_behalf_of {
  my ($id, $work) = @_;
  return if eval { $work->(); 1 };
  my $error = $@;
  send_error($id, $error) if exists $upload_window{$id};
}

sub notify {
  my ($id, $name, @arguments) = @_;
  my $request = $REQUESTS{$id} or return;
  my $handler = $request->{$name} or return;
  on_behalf_of($id, sub { $handler->(@arguments) });
}

# Fields that are numbers wherever they occur.
my %numeric = map { $_ => 1 } qw(columns credit depth graceMs leaseMs lifetimeMs limit maxBytes maxDepth maxEntries maxJournalBytes
  maxLineBytes maxTotalBytes offset port rows stderrOffset stdoutOffset timeoutMs);

my %without_session = map { $_ => 1 } qw(helper.start session.open session.sessions session.reap);

sub handle_request {
  my ($id, $payload) = @_;
  return corrupt("request $id after request $last_request") if $id <= $last_request;
  $last_request = $id;
  my $request = substr($payload, -length $RECORD_END) eq $RECORD_END ? eval { unpack_record($payload) } : undef;
  return corrupt('a malformed request') unless $request && defined $request->{op};
  $upload_window{$id} = $UPLOAD_CREDIT;
  for my $key (grep { exists $numeric{$_} } keys %$request) {
    next if $request->{$key} =~ /^\d{1,15}\z/;
    # The client sends none that is not, so bytes were lost or changed on the way.
    return corrupt("a request whose `$key` is no number");
  }
  my $name = $request->{op};
  my $operation = $OPERATIONS{$name};
  if (!$operation) {
    return send_error($id, { code => 'unsupported', message => "the helper knows no operation `$name`" });
  }
  if (!%SESSION && !$without_session{$name}) {
    return send_error($id, { code => 'invalid_request', message => "`$name` came before session.open" });
  }
  on_behalf_of($id, sub { $operation->($id, $request) });
}

# The bytes make no sense any more, so none of what follows can be trusted: everything ends.
sub corrupt {
  my ($what) = @_;
  loop_off_readable(0);
  fail_session({ code => 'corrupt', message => "the helper received $what" });
}
