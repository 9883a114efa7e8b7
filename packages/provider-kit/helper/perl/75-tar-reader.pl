# Reads a tar stream from channel 0: ustar, pax headers, GNU long names. Nothing in it is believed.

use constant MOST_HEADER_BYTES => 1_048_576;

sub tar_source { return { held => '', ended => 0 } }

sub fail_tar { fail_with('corrupt', "the archive is damaged: $_[0]") }

# Exactly $count bytes; at the end of the stream none if $may_end.
sub tar_take {
  my ($source, $count, $may_end) = @_;
  while (length $source->{held} < $count) {
    my $more = next_input();
    if (!defined $more) {
      return undef if $may_end && $source->{held} eq '';
      fail_tar('it ends in the middle of an entry');
    }
    $source->{held} .= $more;
  }
  return substr $source->{held}, 0, $count, '';
}

# Some of the next $most bytes, for contents that are passed on.
sub tar_take_some {
  my ($source, $most) = @_;
  if ($source->{held} eq '') {
    $source->{held} = next_input() // fail_tar('it ends in the middle of an entry');
  }
  return substr $source->{held}, 0, $most, '';
}

# What follows the end of the archive is read and dropped, so that its sender is not left waiting.
sub tar_drain {
  my ($source) = @_;
  1 while defined next_input();
}

sub tar_number {
  my ($field) = @_;
  if (ord($field) & 0x80) {
    # GNU's way for large numbers: binary, the first bit set.
    my @bytes = unpack 'C*', $field;
    $bytes[0] &= 0x7f;
    shift @bytes while @bytes > 8 && $bytes[0] == 0;
    fail_tar('a number is too large or negative') if @bytes > 8 || @bytes == 8 && $bytes[0] & 0x80;
    my $value = 0;
    $value = $value * 256 + $_ for @bytes;
    return $value;
  }
  $field =~ /\A *([0-7]*)[ \0]*/;
  return length $1 ? oct $1 : 0;
}

sub pax_records {
  my ($text) = @_;
  my %records;
  while (length $text) {
    $text =~ /\A([1-9][0-9]{0,6}) / or fail_tar('a pax record is malformed');
    my $length = $1;
    my $record = substr $text, 0, $length, '';
    length $record == $length && $record =~ /\A\d+ ([^=]+)=(.*)\n\z/s or fail_tar('a pax record is malformed');
    $records{$1} = $2;
  }
  return \%records;
}

# The next entry { name, type, mode, size, modified, modified_ns, target }, or undef at the end.
sub next_tar_entry {
  my ($source, $globals) = @_;
  my %local;
  while (1) {
    my $header = tar_take($source, TAR_BLOCK, !%local);
    return undef if !defined $header;
    # A block of zeros is the end; a second one follows where the writer was careful.
    return undef if $header !~ /[^\0]/;
    my ($name, $mode, $size, $modified, $sum, $type, $target, $magic, $prefix) =
      unpack 'Z100 a8 x16 a12 a12 a8 a1 Z100 a6 x82 Z155', $header;
    my $check = $header;
    substr($check, 148, 8) = ' ' x 8;
    fail_tar('a header has a wrong check sum') if unpack('%32C*', $check) != tar_number($sum);
    $size = tar_number($size);
    if ($type =~ /\A[xgLK]\z/) {
      fail_tar('an extended header is too large') if $size > MOST_HEADER_BYTES;
      my $contents = tar_take($source, $size, 0);
      tar_take($source, -$size % TAR_BLOCK, 0);
      if    ($type eq 'L') { $local{path}     = unpack 'Z*', $contents }
      elsif ($type eq 'K') { $local{linkpath} = unpack 'Z*', $contents }
      else {
        my $records = pax_records($contents);
        my $into = $type eq 'g' ? $globals : \%local;
        # Only what is used: a stream of invented keys must not pile up.
        $into->{$_} = $records->{$_} for grep { defined $records->{$_} } qw(path linkpath size mtime);
        $into->{sparse} = 1 if grep { /\AGNU\.sparse\./ } keys %$records;
      }
      $local{present} = 1;
      next;
    }
    my %known = (%$globals, %local);
    $name = "$prefix/$name" if $magic eq "ustar\0" && $prefix ne '';
    $name = $known{path}       if defined $known{path};
    $target = $known{linkpath} if defined $known{linkpath};
    if (defined $known{size}) {
      $known{size} =~ /\A\d{1,16}\z/ or fail_tar('a size is no number');
      $size = $known{size} + 0;
    }
    $modified = tar_number($modified);
    my $modified_ns = 0;
    if (defined $known{mtime} && $known{mtime} =~ /\A(-?)(\d{1,12})(?:\.(\d{1,9}))?/) {
      $modified = "$1$2";
      # A fraction of a time before 1970 counts downwards; nobody misses it.
      $modified_ns = substr("${3}00000000", 0, 9) + 0 if defined $3 && $1 eq '';
    }
    $type = '5' if $type =~ /\A[0\0]\z/ && $name =~ m{/\z};
    $type = 'sparse' if $type eq 'S' || $known{sparse};
    return {
      name => $name, type => $type, mode => tar_number($mode), size => $size, modified => $modified + 0, modified_ns => $modified_ns,
      target => $target,
    };
  }
}
