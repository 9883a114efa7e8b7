# Confinement of commands by Landlock: reading and executing stay as the user may; writing only where the session says.

my %landlock_right = (
  WRITE_FILE => 1 << 1, REMOVE_DIR => 1 << 4, REMOVE_FILE => 1 << 5, MAKE_CHAR => 1 << 6, MAKE_DIR => 1 << 7,
  MAKE_REG => 1 << 8, MAKE_SOCK => 1 << 9, MAKE_FIFO => 1 << 10, MAKE_BLOCK => 1 << 11, MAKE_SYM => 1 << 12,
  REFER => 1 << 13, TRUNCATE => 1 << 14, IOCTL_DEV => 1 << 15,
);
my %right_since = (REFER => 2, TRUNCATE => 3, IOCTL_DEV => 5);

# What the kernel offers: 0 without Landlock.
sub landlock_abi {
  my $abi = system_call('landlock_create_ruleset', 0, 0, 1);
  return $abi < 0 ? 0 : $abi;
}

# A ruleset to restrict oneself with, as a descriptor number. Scopes of signals and abstract sockets are left alone: all
# commands of a session must be able to signal each other.
sub make_landlock_ruleset {
  my ($abi, $private, @roots) = @_;
  my @rights = grep { ($right_since{$_} // 1) <= $abi } keys %landlock_right;
  my $sum = sub { my $mask = 0; $mask |= $landlock_right{$_} for @_; $mask };
  my $handled = pack('Q', $sum->(@rights));
  my $ruleset = system_call('landlock_create_ruleset', $handled, 8, 0);
  die { errno => errno_name($!), message => "landlock_create_ruleset: $!" } if $ruleset < 0;
  # Device nodes made in the workspace would be a way around it.
  my $tree = $sum->(grep { !/^(?:MAKE_CHAR|MAKE_BLOCK|IOCTL_DEV)$/ } @rights);
  my $device = $sum->(grep { /^(?:WRITE_FILE|TRUNCATE|IOCTL_DEV)$/ } @rights);
  # Roots by the descriptors that were pinned: a name may mean something else by now.
  allow($ruleset, $tree, $_) for @roots;
  allow_path($ruleset, $tree, $_) for $private, '/dev/shm';
  allow_path($ruleset, $device, "/dev/$_") for qw(null zero full random urandom tty ptmx pts);
  return $ruleset;
}

# What is not there needs no rule.
sub allow_path {
  my ($ruleset, $rights, $path) = @_;
  my $descriptor = system_call('openat', -100, "$path\0", $O_PATH | $O_CLOEXEC, 0);
  return if $descriptor < 0;
  allow($ruleset, $rights, $descriptor);
  POSIX::close($descriptor);
}

sub allow {
  my ($ruleset, $rights, $descriptor) = @_;
  my $rule = pack('Q l', $rights, $descriptor);
  system_call('landlock_add_rule', $ruleset, 1, $rule, 0) == 0
    or die { errno => errno_name($!), message => "landlock_add_rule: $!" };
}

# From here on this process and all that descend from it are confined.
sub restrict_self {
  my ($ruleset) = @_;
  system_call('prctl', 38, 1, 0, 0, 0) == 0 or die "PR_SET_NO_NEW_PRIVS: $!\n";
  system_call('landlock_restrict_self', $ruleset, 0) == 0 or die "landlock_restrict_self: $!\n";
  POSIX::close($ruleset);
}
