# Records and lists as they travel in frames.

# Undefined values are left out: what is absent is untrue.
sub pack_record {
  my ($record) = @_;
  return pack('(C/a* N/a*)*', map { defined $record->{$_} ? ($_, $record->{$_}) : () } keys %$record);
}

# Dies with { code => 'corrupt' } when the bytes are no record.
sub unpack_record {
  my %record;
  my $ok = eval { %record = unpack('(C/a* N/a*)*', $_[0]); 1 };
  # unpack forgives a cut tail, so the length is proved by adding up.
  my $length = 0;
  if ($ok) {
    my @flat = unpack('(C/a* N/a*)*', $_[0]);
    $ok = @flat % 2 == 0 && !grep { !defined } @flat;
    $length += length for grep { defined } @flat;
    $length += @flat / 2 * 5;
  }
  die { code => 'corrupt', message => 'a malformed record' } unless $ok && $length == length $_[0];
  return \%record;
}

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
