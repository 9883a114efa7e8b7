# What the kernel says of a file: descriptors opened by descriptor, statx, versions, info records, directory entries.
# Nothing in the file operations names a file by anything but a directory descriptor and what is beneath it.

use Fcntl qw(O_RDONLY O_WRONLY O_RDWR O_CREAT O_EXCL O_DIRECTORY O_NOFOLLOW O_NONBLOCK O_NOCTTY);

use constant {
  NOT_FOLLOWED => 0x100,     # AT_SYMLINK_NOFOLLOW
  EMPTY_PATH   => 0x1000,    # AT_EMPTY_PATH
  A_DIRECTORY  => 0x200,     # AT_REMOVEDIR
  OPEN_PATH    => 0x200000,  # O_PATH
  OPEN_CLOEXEC => 0x80000,   # O_CLOEXEC
  # A FIFO must not block the opening, a terminal not become ours.
  OPEN_READ => O_RDONLY | O_NONBLOCK | O_NOCTTY | 0x80000,
  OPEN_LIST => O_RDONLY | O_NONBLOCK | O_DIRECTORY | O_NOFOLLOW | 0x80000,
  OPEN_WALK => O_DIRECTORY | O_NOFOLLOW | 0x280000,
};

# Places in a status as status_at returns it.
use constant {
  LINKS => 0, USER => 1, GROUP => 2, MODE => 3, INODE => 4, SIZE => 5, CHANGED => 6, CHANGED_NS => 7,
  MODIFIED => 8, MODIFIED_NS => 9, DEVICE_MAJOR => 12, DEVICE_MINOR => 13,
};

use constant {
  KIND_MASK => 0170000, KIND_FILE => 0100000, KIND_DIRECTORY => 0040000, KIND_LINK => 0120000, KIND_FIFO => 0010000,
  KIND_SOCKET => 0140000,
};

# getdents64's types.
use constant { ENTRY_UNKNOWN => 0, ENTRY_DIRECTORY => 4, ENTRY_FILE => 8, ENTRY_LINK => 10 };

my $STATUS_BUFFER = "\0" x 256;
my $STATX_CALL    = $SYSTEM_CALL{statx};
my $STATX_MISSING = 0;

# Closes its descriptor when it goes out of scope, however the operation ends.
sub Mooring::Descriptor::DESTROY { POSIX::close(${ $_[0] }) }

sub close_at_end {
  my ($descriptor) = @_;
  return bless \$descriptor, 'Mooring::Descriptor';
}

sub fail_with {
  my ($code, $message, $path) = @_;
  die { code => $code, message => $message, defined $path ? (path => $path) : () };
}

# The error of the system call that just failed.
sub fail_errno {
  my ($path, $what) = @_;
  my $number = $! + 0;
  my $text   = "$!";
  # From under a busy tree some answers only mean that it changed at that moment.
  fail_with('unavailable', "$what: the path was changed too often at that moment; try again", $path) if $number == Errno::EAGAIN();
  $! = $number;
  die { errno => errno_name($!), message => "$what: $text", defined $path ? (path => $path) : () };
}

# A status as a list reference; undef with $! set. Name "" with EMPTY_PATH asks of the descriptor itself.
sub status_at {
  my ($directory, $name, $flags) = @_;
  return status_by_stat($directory, $name, $flags) if $STATX_MISSING;
  if (syscall($STATX_CALL, $directory, "$name\0", $flags, 0x7ff, $STATUS_BUFFER) == 0) {
    return [ unpack 'x16 L L L S x2 Q Q x48 q L x4 q L x4 L4', $STATUS_BUFFER ];
  }
  return undef if $! != Errno::ENOSYS() && $! != Errno::EPERM();
  # Kernels before 4.11, and filters that do not know the call, have the older one.
  my $status = status_by_stat($directory, $name, $flags);
  $STATX_MISSING = 1 if $status;
  return $status;
}

sub status_by_stat {
  my ($directory, $name, $flags) = @_;
  my $buffer = "\0" x 256;
  return undef if system_call('newfstatat', $directory, "$name\0", $buffer, $flags) != 0;
  my ($device, $inode) = unpack 'Q Q', $buffer;
  my ($mode, $links, $user, $group) =
    $SYSTEM_CALL{read} != 0 ? unpack('x16 L4', $buffer) : (unpack 'x16 Q L3', $buffer)[ 1, 0, 2, 3 ];
  my ($size, $modified, $modified_ns, $changed, $changed_ns) = unpack 'x48 q x32 q Q q Q', $buffer;
  return [
    $links, $user, $group, $mode, $inode, $size, $changed, $changed_ns, $modified, $modified_ns,
    0, 0, $device >> 8, $device & 0xff,
  ];
}

sub status_of { return status_at($_[0], '', EMPTY_PATH) }

sub kind_of { return $_[0][MODE] & KIND_MASK }

# The same for as long as nobody changed the contents, to the nanosecond and the inode. The change time catches
# those who set the modification time back.
sub version_of {
  my ($status) = @_;
  return join ':', @$status[ DEVICE_MAJOR, DEVICE_MINOR, INODE, SIZE, MODIFIED, MODIFIED_NS, CHANGED, CHANGED_NS ];
}

sub identity_of { return join ':', @{ $_[0] }[ DEVICE_MAJOR, DEVICE_MINOR, INODE ] }

my %TYPE_NAMES = (KIND_FILE, 'file', KIND_DIRECTORY, 'directory', KIND_LINK, 'symlink');

# A packed info record, built by hand: listings make tens of thousands of them.
sub info_record {
  my ($path, $status, $target) = @_;
  my $record = pack 'a5 N/a* a5 N/a* a5 N/a* a8 N/a* a5 N/a* a4 N/a* a4 N/a* a8 N/a*',
    "\4path", $path,
    "\4type", $TYPE_NAMES{ $status->[MODE] & KIND_MASK } // 'other',
    "\4size", $status->[SIZE],
    "\7mtimeMs", $status->[MODIFIED] * 1000 + int($status->[MODIFIED_NS] / 1_000_000),
    "\4mode", $status->[MODE] & 07777,
    "\3uid", $status->[USER],
    "\3gid", $status->[GROUP],
    "\7version", version_of($status);
  $record .= pack 'a7 N/a*', "\6target", $target if defined $target;
  return $record;
}

# What a link says; undef with $! set.
sub link_target_at {
  my ($directory, $name) = @_;
  my $buffer = "\0" x 4097;
  my $length = system_call('readlinkat', $directory, "$name\0", $buffer, 4096);
  return $length < 0 ? undef : substr $buffer, 0, $length;
}

sub open_at {
  my ($directory, $name, $flags, $mode) = @_;
  return system_call('openat', $directory, "$name\0", $flags | OPEN_CLOEXEC, $mode // 0);
}

my $ENTRIES_BUFFER = "\0" x 65_536;

# The entries of an open directory, sorted: a flat list of name and type, in one array reference; undef with $! set.
sub entries_of {
  my ($directory) = @_;
  my (%type_of);
  while (1) {
    my $length = system_call('getdents64', $directory, $ENTRIES_BUFFER, 65_536);
    return undef if $length < 0;
    last if $length == 0;
    # Each record is padded to eight bytes, which is all that its own length says.
    my @fields = unpack '(x18 C Z* x!8)*', substr $ENTRIES_BUFFER, 0, $length;
    for (my $index = 0 ; $index < @fields ; $index += 2) {
      $type_of{ $fields[ $index + 1 ] } = $fields[$index];
    }
  }
  delete @type_of{ '.', '..' };
  return [ map { ($_, $type_of{$_}) } sort keys %type_of ];
}

# The type of an entry where the directory itself did not tell; 0 when it is gone.
sub entry_type_at {
  my ($directory, $name) = @_;
  my $status = status_at($directory, $name, NOT_FOLLOWED) or return 0;
  return kind_of($status) >> 12;
}

# What is left of the random bytes that were taken at once, and by which process: a fork must not go on with the same.
my ($RANDOM_BYTES, $RANDOM_OWNER) = ('', 0);
# The kernel hands out no more than this without a chance of being interrupted.
use constant RANDOM_TAKEN => 256;

sub random_name {
  if ($RANDOM_OWNER != $$ || $RANDOM_BYTES eq '') {
    my $bytes = "\0" x RANDOM_TAKEN;
    if (system_call('getrandom', $bytes, RANDOM_TAKEN, 0) != RANDOM_TAKEN) {
      open my $source, '<', '/dev/urandom' or fail_with('internal', 'no source of random numbers');
      (sysread($source, $bytes, RANDOM_TAKEN) // 0) == RANDOM_TAKEN or fail_with('internal', 'no source of random numbers');
      close $source;
    }
    ($RANDOM_BYTES, $RANDOM_OWNER) = ($bytes, $$);
  }
  return '.mooring-' . unpack('H*', substr $RANDOM_BYTES, 0, 16, '') . '.tmp';
}

# Our own temporary files are no news, and nothing to hand on.
sub is_temporary_name { return $_[0] =~ /\A\.mooring-[0-9a-f]{32}\.tmp\z/ ? 1 : 0 }

# All of it, whatever the kernel takes at a time; false with $! set.
sub write_all {
  my ($descriptor, $bytes) = @_;
  my $length = length $bytes;
  my $offset = 0;
  while ($offset < $length) {
    my $written = POSIX::write($descriptor, $offset ? substr($bytes, $offset) : $bytes, $length - $offset);
    if (!defined $written) {
      next if $! == Errno::EINTR();
      return 0;
    }
    $offset += $written;
  }
  return 1;
}

# Up to $limit bytes, fewer only at the end of the file; undef with $! set.
sub read_up_to {
  my ($descriptor, $limit) = @_;
  my $contents = '';
  while ((my $missing = $limit - length $contents) > 0) {
    my $got = POSIX::read($descriptor, my $part, $missing > 1_048_576 ? 1_048_576 : $missing);
    if (!defined $got) {
      next if $! == Errno::EINTR();
      return undef;
    }
    last if $got == 0;
    $contents = length $contents ? $contents . $part : $part;
  }
  return $contents;
}
