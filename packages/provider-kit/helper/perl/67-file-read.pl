# Long reads, in a worker: a range of a file, or the whole of it, as fast as its reader takes it.

sub stream_file {
  my ($request, $most) = @_;
  my ($descriptor, $guard, $path, $status) = open_regular($request->{path});
  my $offset = number_in($request, 'offset', 0);
  POSIX::lseek($descriptor, $offset, 0) if $offset;
  my $sent = 0;
  while ($sent < $most) {
    my $wanted = $most - $sent < 262_144 ? $most - $sent : 262_144;
    my $got    = POSIX::read($descriptor, my $part, $wanted);
    if (!defined $got) {
      next if $! == Errno::EINTR();
      fail_errno($request->{path}, 'cannot read');
    }
    last if $got == 0;
    put_bytes($part);
    $sent += $got;
  }
  my $truncated = $sent == $most && ($offset + $sent < $status->[SIZE] || POSIX::read($descriptor, my $more, 1) > 0);
  return ($path, $status, $truncated);
}

in_worker(
  'file.read',
  'stream',
  sub {
    my ($request) = @_;
    my ($path, $status, $truncated) = stream_file($request, number_in($request, 'maxBytes', 16_777_216));
    return { path => $path, size => $status->[SIZE], version => version_of($status), $truncated ? (truncated => 1) : () };
  }
);

in_worker(
  'file.readStream',
  'stream',
  sub {
    my ($request) = @_;
    my (undef, $status) = stream_file($request, 9e15);
    return { size => $status->[SIZE], version => version_of($status) };
  }
);
