# Records and lists as they travel in frames.

# Undefined values are left out: what is absent is untrue.
sub pack_record {
  my ($record) = @_;
  return pack('(C/a* N/a*)*', map { defined $record->{$_} ? ($_, $record->{$_}) : () } keys %$record);
}

# Dies with { code => 'corrupt' } when the bytes are no record.
sub unpack_record {
  my @flat;
  my $whole = eval { @flat = unpack('(C/a* N/a*)*', $_[0]); 1 };
  # unpack forgives a cut tail, so the length is proved by adding up.
  my $length = @flat / 2 * 5;
  if ($whole && @flat % 2 == 0) { $length += length for @flat }
  die { code => 'corrupt', message => 'a malformed record' } unless $whole && $length == length $_[0];
  my %record = @flat;
  return \%record;
}

# What the record of a frame ends with: one whose last byte was lost on the way would else be read as another one.
our $RECORD_END = pack('C/a* N/a*', 'end', '.');

sub pack_list { return pack('(N/a*)*', @_) }

# Dies with { code => 'corrupt' } when the bytes are no list.
sub unpack_list {
  return () unless defined $_[0] && length $_[0];
  my @items = unpack('(N/a*)*', $_[0]);
  my $length = 4 * @items;
  $length += length for @items;
  die { code => 'corrupt', message => 'a malformed list' } unless $length == length $_[0];
  return @items;
}
