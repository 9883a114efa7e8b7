# file.list and file.glob.

sub put_info {
  my ($directory, $name, $path) = @_;
  my $status = status_at($directory, $name, NOT_FOLLOWED) or return 0;
  put_record(info_record($path, $status, kind_of($status) == KIND_LINK ? link_target_at($directory, $name) : undef));
  return 1;
}

in_worker('file.list', 'stream', sub {
  my ($request) = @_;
  my $depth     = number_in($request, 'depth', 1);
  my $limit     = defined $request->{limit} ? number_in($request, 'limit') : 9e15;
  my $exclusion = exclusion_of($request);
  my ($top, $guard, $base) = open_walk($request->{path});
  my ($count, $truncated, $seen) = (0, 0, 0);
  my $unreadable = $depth < 1 ? 0 : walk_tree($top, $exclusion, sub {
    my ($directory, $name, $relative, $type) = @_;
    if ($count >= $limit) {
      $truncated = 1;
      return 'stop';
    }
    put_info($directory, $name, $base . $relative) or return 0;
    $count++;
    flush_records_in_time() if (++$seen & 63) == 0;
    return $type == ENTRY_DIRECTORY && ($depth > 1 && $depth > 1 + $relative =~ tr{/}{});
  }, 0, $request->{path});
  return listing_result($truncated, $unreadable);
});

in_worker('file.glob', 'stream', sub {
  my ($request) = @_;
  my $limit     = defined $request->{limit} ? number_in($request, 'limit') : 9e15;
  my $most      = defined $request->{maxDepth} ? number_in($request, 'maxDepth') : 9e15;
  my $pattern   = pattern_of($request->{pattern} // '', 'pattern');
  my $exclusion = exclusion_of($request);
  my ($top, $guard, $base) = open_walk($request->{path});
  my ($count, $truncated, $seen) = (0, 0, 0);
  my $unreadable = $most < 1 ? 0 : walk_tree($top, $exclusion, sub {
    my ($directory, $name, $relative, $type) = @_;
    flush_records_in_time() if (++$seen & 63) == 0;
    # The pattern itself says which names with a leading dot match; here it is only known that none can.
    return 0 if !$request->{hidden} && substr($name, 0, 1) eq '.';
    if ($relative =~ $pattern) {
      if ($count >= $limit) {
        $truncated = 1;
        return 'stop';
      }
      $count++ if put_info($directory, $name, $base . $relative);
    }
    return $type == ENTRY_DIRECTORY && $most > 1 + $relative =~ tr{/}{};
  }, 0, $request->{path});
  return listing_result($truncated, $unreadable);
});
