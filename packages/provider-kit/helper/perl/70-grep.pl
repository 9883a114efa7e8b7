# file.grep. A file is read whole and the pattern run over all of it, which is many times faster than line by line;
# every line that such a match touches is then tried by itself, so that a pattern sees single lines only.

# The most of a file that is held at once, and how much of a line is ever sent.
use constant { GREP_BYTES => 16_777_216, BINARY_BYTES => 8_192, MOST_LINE_BYTES => 65_536 };

# The pattern to run over many lines at once, or undef where only single lines will do: lookarounds, anchors of the whole
# text and possessive parts could miss on the whole text what they find in a line. Negated classes are kept from
# running over line ends, which would cost the square of a file's length and finds nothing more.
sub whole_pattern_of {
  my ($source) = @_;
  return undef if $source =~ /\\[AzZGKRX]|\(\?(?!:|i[:)])|\(\*|[*+?}]\+/;
  my $single = 0;
  $source =~ s{\\(.)|\[(\^?)(\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*)\]}{
    if (defined $1) { $1 eq 'D' ? '[^\d\n]' : $1 eq 'W' ? '[^\w\n]' : "\\$1" }
    else {
      my ($negated, $class) = ($2, $3);
      $single = 1 if !$negated && $class =~ /\\[DW]|\[:\^/;
      $class =~ s/\A([\]\-])/\\$1/;
      $negated ? "[^\\n$class]" : "[$class]";
    }
  }gse;
  return $single ? undef : "(?m:$source)";
}

in_worker('file.grep', 'stream', sub {
  my ($request) = @_;
  my $source = $request->{pattern} // '';
  # Contents that are UTF-8 are matched by character.
  utf8::decode($source);
  my %search = (
    line      => pattern_of($source, 'pattern', $request->{ignoreCase}),
    limit     => defined $request->{limit} ? number_in($request, 'limit') : 9e15,
    most      => number_in($request, 'maxLineBytes', 2_000),
    count     => 0,
    truncated => 0,
  );
  my $whole = whole_pattern_of($source);
  $search{whole} = pattern_of($whole, 'pattern', $request->{ignoreCase}) if defined $whole;
  $search{most} = MOST_LINE_BYTES if $search{most} > MOST_LINE_BYTES;
  my $include   = defined $request->{include} ? pattern_of($request->{include}, 'include') : undef;
  my $exclusion = exclusion_of($request);

  my ($top, $absolute) = open_beneath($request->{path}, OPEN_READ, 'read');
  my $guard = close_at_end($top);
  my $status = status_of($top) or fail_errno($request->{path}, 'cannot examine');
  $absolute = real_path_beneath($top, $absolute);
  if (kind_of($status) != KIND_DIRECTORY) {
    require_file($status, $request->{path});
    grep_file($top, $absolute, $status->[SIZE], \%search) or fail_errno($request->{path}, 'cannot read');
    return listing_result($search{truncated}, 0);
  }
  my $base    = $absolute eq '/' ? '/' : "$absolute/";
  my $skipped = 0;
  my $seen    = 0;
  my $unreadable = walk_tree($top, $exclusion, sub {
    my ($directory, $name, $relative, $type) = @_;
    return 0 if !$request->{hidden} && substr($name, 0, 1) eq '.';
    return 1 if $type == ENTRY_DIRECTORY;
    return 0 if $type != ENTRY_FILE || defined $include && $relative !~ $include;
    my $file = open_at($directory, $name, OPEN_READ | O_NOFOLLOW);
    if ($file < 0) {
      $skipped++ if $! == Errno::EACCES();
      return 0;
    }
    my $file_guard = close_at_end($file);
    # The entry may have been exchanged for something else since it was listed.
    my $found = status_of($file);
    return 0 if !$found || kind_of($found) != KIND_FILE;
    grep_file($file, $base . $relative, $found->[SIZE], \%search) or $skipped++;
    flush_records_in_time() if (++$seen & 31) == 0;
    return $search{truncated} ? 'stop' : 0;
  }, 0, $request->{path});
  return listing_result($search{truncated}, $unreadable + $skipped);
});

# False with $! set when it cannot be read.
sub grep_file {
  my ($file, $path, $size, $search) = @_;
  my ($held, $line, $first) = ('', 1, 1);
  # What is left of a line too long to be held: dropped until its end.
  my $dropping = 0;
  while (1) {
    my $got = POSIX::read($file, my $part, !$first ? 1_048_576 : $size < 65_536 ? $size || 4_096 : 65_536);
    if (!defined $got) {
      next if $! == Errno::EINTR();
      return 0;
    }
    if ($first) {
      return 1 if $got == 0 || index(substr($part, 0, BINARY_BYTES), "\0") >= 0;
      $first = 0;
    }
    # Of a small file nothing more is to be expected.
    my $ended = $got == 0 || $got == $size && $held eq '' && $size < 65_536;
    if ($dropping && !$ended) {
      my $end = index $part, "\n";
      next if $end < 0;
      $part     = substr $part, $end + 1;
      $dropping = 0;
      $line++;
    }
    $held = length $held ? $held . $part : $part;
    next if !$ended && length $held < GREP_BYTES;
    my $whole = $ended ? length $held : 1 + rindex $held, "\n";
    if ($whole == 0) {
      ($whole, $dropping) = (length $held, 1);
    }
    my $number = $line;
    grep_text(substr($held, 0, $whole), $path, \$line, $search) or return 1;
    return 1 if $ended;
    $line = $number if $dropping;
    $held = substr $held, $whole;
  }
}

# Whole lines. False when the limit is reached; $$line goes on counting.
sub grep_text {
  my ($text, $path, $line, $search) = @_;
  # A last line without an end counts too.
  $text =~ s/\r\n/\n/g if index($text, "\r\n") >= 0;
  $text =~ s/\r\z//;
  utf8::decode($text) if $text =~ /[\x80-\xff]/;
  my $whole  = $search->{whole};
  my $length = length $text;
  my $start  = 0;
  while ($start < $length) {
    my $last = $length;
    if (defined $whole) {
      pos($text) = $start;
      $text =~ /$whole/g or last;
      my ($from, $to) = ($-[0], $+[0]);
      last if $from >= $length;
      # The lines that the match touches, from the beginning of the first to the end of the last.
      my $begin = $from == 0 ? 0 : 1 + rindex $text, "\n", $from - 1;
      $begin = $start if $begin < $start;
      $$line += substr($text, $start, $begin - $start) =~ tr/\n//;
      $start = $begin;
      $last  = index $text, "\n", $to > $from ? $to - 1 : $to;
      $last  = $last < 0 ? $length : $last + 1;
    }
    while ($start < $last) {
      my $end = index $text, "\n", $start;
      $end = $length if $end < 0;
      my $single = substr $text, $start, $end - $start;
      if ($single =~ $search->{line}) {
        if ($search->{count} >= $search->{limit}) {
          $search->{truncated} = 1;
          return 0;
        }
        $search->{count}++;
        put_match($path, $$line, $single, $search->{most});
      }
      $$line++;
      $start = $end + 1;
    }
  }
  $$line += substr($text, $start) =~ tr/\n// if $start < $length;
  return 1;
}

sub put_match {
  my ($path, $line, $single, $most) = @_;
  utf8::encode($single) if utf8::is_utf8($single);
  my %record = (path => $path, line => $line, text => $single);
  if (length $single > $most) {
    # Not in the middle of a character.
    my $cut = $most;
    my $back = 0;
    $cut--, $back++ while $cut > 0 && $back < 3 && (ord(substr $single, $cut, 1) & 0xc0) == 0x80;
    $record{text} = substr $single, 0, $cut;
    $record{cut}  = 1;
  }
  put_record(pack_record(\%record));
}
