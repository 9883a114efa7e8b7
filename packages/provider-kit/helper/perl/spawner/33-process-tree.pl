# Who descends from whom, by /proc: what a supervisor must kill, and what lives on in the background.

# The parent and start time of a process, or the empty list when it is gone. The name may hold anything, so the fields
# are counted from the last parenthesis.
sub process_status {
  my ($pid) = @_;
  my $descriptor = POSIX::open("/proc/$pid/stat", 0) // return;
  my $count = POSIX::read($descriptor, my $text, 1024);
  POSIX::close($descriptor);
  return unless $count;
  my @fields = split / /, substr($text, rindex($text, ')') + 2), 21;
  return ($fields[1], $fields[19], $fields[0]);
}

sub is_zombie {
  my (undef, undef, $state) = process_status($_[0]);
  return !defined $state || $state eq 'Z' || $state eq 'X';
}

sub all_processes {
  opendir(my $directory, '/proc') or return;
  my @pids = grep { /^[1-9]\d*\z/ } readdir $directory;
  closedir $directory;
  return @pids;
}

# The children of each process that is looked at, and which of them are zombies, which only wait for their parents.
sub process_children {
  my (%children, %zombie);
  for my $pid (@_) {
    my ($parent, undef, $state) = process_status($pid) or next;
    push @{ $children{$parent} }, $pid;
    $zombie{$pid} = 1 if $state eq 'Z' || $state eq 'X';
  }
  return (\%children, \%zombie);
}

# Descendants of several roots by one look: a list of pids for each.
sub descendants_of_each {
  my (@roots) = @_;
  my ($children, $zombie) = process_children(all_processes());
  return map { [grep { !$zombie->{$_} } with_children($children, @{ $children->{$_} // [] })] } @roots;
}

sub with_children {
  my ($children, @found) = @_;
  for (my $at = 0; $at < @found; $at++) { push @found, @{ $children->{$found[$at]} // [] } }
  return @found;
}

# All living descendants of $root (without itself), nearest first.
# $foreign, when given, remembers who is none of them, which spares their second look: nobody becomes a descendant later.
# Children in $except, and what descends from them, are left out.
sub descendants_of {
  my ($root, $foreign, $except) = @_;
  my @seen = grep { $_ != $root && !($foreign && $foreign->{$_}) } all_processes();
  my ($children, $zombie) = process_children(@seen);
  my @found = with_children($children, grep { !$except || !$except->{$_} } @{ $children->{$root} // [] });
  if ($foreign) {
    my %mine = map { $_ => 1 } @found;
    $foreign->{$_} = 1 for grep { !$mine{$_} } @seen;
  }
  return grep { !$zombie->{$_} } @found;
}

# The children of a process, zombies too, as the kernel lists them: quicker than whoever forks and exits all the time, however many
# processes there are. A list that changes while it is read may lack some. Without such lists (a kernel may be built so) all are looked at.
sub children_of {
  my ($pid) = @_;
  my $text = read_small_file("/proc/$pid/task/$pid/children");
  return split / /, $text if defined $text;
  return unless -e "/proc/$pid/stat";
  return grep { my ($parent) = process_status($_); defined $parent && $parent == $pid } all_processes();
}

# What descends from these, and they themselves, by those lists.
sub with_listed_children {
  my (@found) = @_;
  my %seen;
  @found = grep { !$seen{$_}++ } @found;
  for (my $at = 0; $at < @found; $at++) { push @found, grep { !$seen{$_}++ } children_of($found[$at]) }
  return @found;
}

# One round of ending a tree: stopped first, so that nothing forks away from under the list, then killed.
sub kill_round {
  my ($list) = @_;
  my %stopped;
  my @found;
  for (1 .. 3) {
    my @new = grep { !$stopped{$_} } $list->();
    last unless @new;
    for my $pid (@new) { $stopped{$pid} = 1; kill 'STOP', $pid }
    push @found, @new;
  }
  kill 'KILL', $_ for @found;
  return @found;
}
