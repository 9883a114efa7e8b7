# The walk under a directory that list, glob, grep and archive share: by descriptors, links not followed, sorted by name
# within each directory, each directory before what is in it.

# A regular expression that came with a request, over bytes: names need not be UTF-8. It is data: code blocks in it do
# not compile.
sub pattern_of {
  my ($source, $key, $flags) = @_;
  no warnings 'regexp';
  my $pattern = eval { $flags ? qr/$source/ai : qr/$source/a };
  return $pattern if defined $pattern;
  # Told to stop in the middle of it: that says nothing about the pattern.
  die $@ if ref $@;
  my $reason = "$@";
  $reason =~ s/ at \(eval.*| at -e line.*|<-- HERE.*//s;
  utf8::encode($reason) if utf8::is_utf8($reason);
  fail_with('invalid_request', "expected `$key` to be a regular expression: $reason");
}

# One expression for the whole list, or undef.
sub exclusion_of {
  my ($request) = @_;
  my @sources = unpack_list($request->{exclude} // '');
  return undef if !@sources;
  pattern_of($_, 'exclude') for @sources;
  return pattern_of(join('|', map { "(?:$_)" } @sources), 'exclude');
}

# Calls $visit->($directory, $name, $relative, $type) for every entry under an open directory; a true answer for a
# directory enters it, "stop" ends the walk. What is gone meanwhile is passed over. Directories that may not be read are
# counted, and raised with $strict.
sub walk_tree {
  my ($top, $exclusion, $visit, $strict, $path) = @_;
  my $unreadable = 0;
  my $entries = entries_of($top) or fail_errno($path, 'cannot list');
  my @stack = ([$top, '', $entries, 0, undef]);
  while (@stack) {
    my $level = $stack[-1];
    my ($directory, $prefix, $names, $next) = @$level;
    if ($next >= @$names) {
      pop @stack;
      next;
    }
    $level->[3] += 2;
    my ($name, $type) = @$names[ $next, $next + 1 ];
    my $relative = $prefix . $name;
    next if defined $exclusion && $relative =~ $exclusion;
    $type = entry_type_at($directory, $name) || next if $type == ENTRY_UNKNOWN;
    my $onward = $visit->($directory, $name, $relative, $type) or next;
    return $unreadable if $onward eq 'stop';
    next if $type != ENTRY_DIRECTORY;
    my $inner = open_at($directory, $name, OPEN_LIST);
    if ($inner < 0) {
      next if $! == Errno::ENOENT() || $! == Errno::ENOTDIR() || $! == Errno::ELOOP();
      fail_errno("$path/$relative", 'cannot list') if $strict || $! != Errno::EACCES();
      $unreadable++;
      next;
    }
    my $guard  = close_at_end($inner);
    my $inside = entries_of($inner);
    if (!$inside) {
      next if $! == Errno::ENOENT();
      fail_errno("$path/$relative", 'cannot list') if $strict;
      $unreadable++;
      next;
    }
    push @stack, [ $inner, "$relative/", $inside, 0, $guard ];
  }
  return $unreadable;
}

# Opens the directory that a walk starts from: descriptor, guard, absolute path with a slash at its end.
sub open_walk {
  my ($path) = @_;
  my ($top, $absolute) = open_beneath($path, OPEN_LIST & ~O_NOFOLLOW, 'read');
  my $guard = close_at_end($top);
  $absolute = real_path_beneath($top, $absolute);
  return ($top, $guard, $absolute eq '/' ? '/' : "$absolute/");
}

# What a listing answers at its end.
sub listing_result {
  my ($truncated, $unreadable) = @_;
  flush_records();
  return { $truncated ? (truncated => 1) : (), $unreadable ? (unreadable => $unreadable) : () };
}
