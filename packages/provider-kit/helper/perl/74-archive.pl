# file.archive: a POSIX pax tar stream of a file or of what is under a directory.

use constant TAR_BLOCK => 512;

sub tar_padding { return "\0" x (-$_[0] % TAR_BLOCK) }

# A number in octal if it fits the field, which has a NUL at its end.
sub tar_octal {
  my ($value, $width) = @_;
  return $value >= 0 && $value < 8**($width - 1) ? sprintf('%0*o', $width - 1, $value) : undef;
}

# One 512-byte header. What does not fit its field goes as zero, and into a pax record by tar_header.
sub tar_block {
  my ($name, $mode, $user, $group, $size, $modified, $type, $target) = @_;
  my $header = pack 'a100 a8 a8 a8 a12 a12 a8 a1 a100 a6 a2 x247',
    $name, tar_octal($mode, 8), tar_octal($user, 8) // '0000000', tar_octal($group, 8) // '0000000',
    tar_octal($size, 12) // '00000000000', tar_octal($modified, 12) // '00000000000', ' ' x 8, $type, $target, "ustar\0", '00';
  substr($header, 148, 8) = sprintf "%06o\0 ", unpack '%32C*', $header;
  return $header;
}

sub pax_record {
  my ($key, $value) = @_;
  my $rest   = length($key) + length($value) + 3;
  my $length = $rest + length $rest;
  # The length counts its own digits.
  $length = $rest + length $length;
  return "$length $key=$value\n";
}

# The whole header of an entry: a pax header before it where ustar's fields do not do.
sub tar_header {
  my ($name, $status, $type, $size, $target) = @_;
  my $modified = $status->[MODIFIED];
  my %pax;
  $pax{path}     = $name   if length $name > 100   || $name =~ /[\x80-\xff]/;
  $pax{linkpath} = $target if length $target > 100 || $target =~ /[\x80-\xff]/;
  $pax{size}     = $size                 if !defined tar_octal($size, 12);
  $pax{mtime}    = $modified             if !defined tar_octal($modified, 12);
  $pax{uid}      = $status->[USER]       if !defined tar_octal($status->[USER], 8);
  $pax{gid}      = $status->[GROUP]      if !defined tar_octal($status->[GROUP], 8);
  my $header = '';
  if (%pax) {
    # Names that are no UTF-8 are legal only with a word of warning before them.
    my $binary = grep { my $text = $_; !utf8::decode($text) } grep { defined } @pax{qw(path linkpath)};
    my $records = join '', $binary ? pax_record('hdrcharset', 'BINARY') : (), map { pax_record($_, $pax{$_}) } sort keys %pax;
    $header = tar_block('PaxHeaders/' . substr($name =~ s{.*/(?=.)}{}sr, 0, 80), 0644, 0, 0, length $records, 0, 'x', '')
      . $records . tar_padding(length $records);
  }
  return $header
    . tar_block(substr($name, 0, 100), $status->[MODE] & 07777, $status->[USER], $status->[GROUP], $size, $modified, $type, substr($target, 0, 100));
}

# Gathers small things into larger frames.
sub put_tar {
  my ($archive, $bytes) = @_;
  $archive->{held} .= $bytes;
  put_tar_now($archive) if length $archive->{held} >= 131_072;
}

sub put_tar_now {
  my ($archive) = @_;
  put_bytes($archive->{held});
  $archive->{held} = '';
}

# A file of which the size may change meanwhile: what its header said is kept, short ones are filled with zeros.
sub put_tar_file {
  my ($archive, $file, $name, $status, $path) = @_;
  if ($status->[LINKS] > 1) {
    my $first = $archive->{linked}{ identity_of($status) };
    if (defined $first) {
      put_tar($archive, tar_header($name, $status, '1', 0, $first));
      return;
    }
    $archive->{linked}{ identity_of($status) } = $name;
  }
  my $size = $status->[SIZE];
  put_tar($archive, tar_header($name, $status, '0', $size, ''));
  my $left = $size;
  while ($left > 0) {
    my $got = POSIX::read($file, my $part, $left < 262_144 ? $left : 262_144);
    if (!defined $got) {
      next if $! == Errno::EINTR();
      fail_errno($path, 'cannot read');
    }
    $part = "\0" x ($left < 262_144 ? $left : 262_144) if $got == 0;
    $left -= length $part;
    put_tar($archive, $part);
  }
  put_tar($archive, tar_padding($size));
}

sub archive_entry {
  my ($archive, $directory, $name, $relative, $path) = @_;
  return 0 if is_temporary_name($name);
  my $status = status_at($directory, $name, NOT_FOLLOWED) or return 0;
  my $kind = kind_of($status);
  if ($kind == KIND_DIRECTORY) {
    put_tar($archive, tar_header("$relative/", $status, '5', 0, ''));
  }
  elsif ($kind == KIND_LINK) {
    my $target = link_target_at($directory, $name);
    return 0 if !defined $target;
    put_tar($archive, tar_header($relative, $status, '2', 0, $target));
  }
  elsif ($kind == KIND_FILE) {
    my $file = open_at($directory, $name, OPEN_READ | O_NOFOLLOW);
    if ($file < 0) {
      return 0 if $! == Errno::ENOENT() || $! == Errno::ELOOP();
      fail_errno($path, 'cannot read');
    }
    my $guard = close_at_end($file);
    my $found = status_of($file) or fail_errno($path, 'cannot examine');
    return 0 if kind_of($found) != KIND_FILE;
    put_tar_file($archive, $file, $relative, $found, $path);
  }
  # FIFOs, sockets and devices have no contents that could be carried. Their names are, for whoever unpacks it to see; as FIFOs, so
  # that no other program makes a device of what stands there.
  else { put_tar($archive, tar_header($relative, $status, '6', 0, '')) }
  $archive->{entries}++;
  return 1;
}

in_worker('file.archive', 'stream', sub {
  my ($request) = @_;
  my $exclusion = exclusion_of($request);
  my %archive = (held => '', entries => 0, linked => {});
  my ($top, $absolute) = open_beneath($request->{path}, OPEN_READ, 'read');
  my $guard = close_at_end($top);
  my $status = status_of($top) or fail_errno($request->{path}, 'cannot examine');
  if (kind_of($status) == KIND_DIRECTORY) {
    walk_tree($top, $exclusion, sub {
      my ($directory, $name, $relative) = @_;
      return archive_entry(\%archive, $directory, $name, $relative, "$absolute/$relative");
    }, 1, $request->{path});
  }
  else {
    require_file($status, $request->{path});
    put_tar_file(\%archive, $top, $absolute =~ s{.*/}{}sr, $status, $request->{path});
    $archive{entries} = 1;
  }
  put_tar(\%archive, "\0" x (2 * TAR_BLOCK));
  put_tar_now(\%archive);
  return { entries => $archive{entries} };
});
