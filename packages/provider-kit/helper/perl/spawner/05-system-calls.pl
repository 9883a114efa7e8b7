# System calls by number, for the two tables that Linux has on 64-bit machines in use:
# that of x86-64, and the generic one (arm64, riscv64, loongarch64).

our %SYSTEM_CALL;
{
  my ($machine) = (POSIX::uname())[4];
  my %table = (
    # name              x86-64 generic
    'read'              => [0, 63],
    'write'             => [1, 64],
    'close'             => [3, 57],
    'lseek'             => [8, 62],
    'ioctl'             => [16, 29],
    'pread64'           => [17, 67],
    'pwrite64'          => [18, 68],
    'connect'           => [42, 203],
    'recvfrom'          => [45, 207],
    'sendmsg'           => [46, 211],
    'recvmsg'           => [47, 212],
    'shutdown'          => [48, 210],
    'socketpair'        => [53, 199],
    'fcntl'             => [72, 25],
    'flock'             => [73, 32],
    'fsync'             => [74, 82],
    'fdatasync'         => [75, 83],
    'ftruncate'         => [77, 46],
    'getdents64'        => [217, 61],
    'fchdir'            => [81, 50],
    'fchmod'            => [91, 52],
    'fchown'            => [93, 55],
    'prctl'             => [157, 167],
    'clock_gettime'     => [228, 113],
    'epoll_ctl'         => [233, 21],
    'openat'            => [257, 56],
    'mkdirat'           => [258, 34],
    'fchownat'          => [260, 54],
    'newfstatat'        => [262, 79],
    'unlinkat'          => [263, 35],
    'linkat'            => [265, 37],
    'symlinkat'         => [266, 36],
    'readlinkat'        => [267, 78],
    'fchmodat'          => [268, 53],
    'faccessat'         => [269, 48],
    'ppoll'             => [271, 73],
    'splice'            => [275, 76],
    'utimensat'         => [280, 88],
    'epoll_pwait'       => [281, 22],
    'fallocate'         => [285, 47],
    'signalfd4'         => [289, 74],
    'epoll_create1'     => [291, 20],
    'dup3'              => [292, 24],
    'pipe2'             => [293, 59],
    'inotify_init1'     => [294, 26],
    'inotify_add_watch' => [254, 27],
    'inotify_rm_watch'  => [255, 28],
    'prlimit64'         => [302, 261],
    'syncfs'            => [306, 267],
    'renameat2'         => [316, 276],
    'getrandom'         => [318, 278],
    'memfd_create'      => [319, 279],
    'execveat'          => [322, 281],
    'copy_file_range'   => [326, 285],
    'statx'             => [332, 291],
    'pidfd_send_signal' => [424, 424],
    'pidfd_open'        => [434, 434],
    'close_range'       => [436, 436],
    'openat2'           => [437, 437],
    'landlock_create_ruleset' => [444, 444],
    'landlock_add_rule'       => [445, 445],
    'landlock_restrict_self'  => [446, 446],
  );
  my $column = $machine eq 'x86_64' ? 0 : $machine =~ /^(?:aarch64|riscv64|loongarch64)$/ ? 1 : -1;
  # A 32-bit Perl on a 64-bit kernel calls by another table.
  if ($^O ne 'linux' || $column < 0 || length(pack('P', undef)) != 8) {
    print STDERR "mooring-helper: $^O on $machine is not supported\n";
    POSIX::_exit(69);
  }
  $SYSTEM_CALL{$_} = $table{$_}[$column] for keys %table;
}

# The result, or -1 with $! set. A string argument is passed as a pointer to its own bytes: append "\0" where the kernel wants
# text, and hand over a variable of the full length where it writes; a literal string is refused by Perl. A number must be
# numeric ($n + 0).
sub system_call {
  my $name = shift;
  return syscall($SYSTEM_CALL{$name} // die("no system call $name\n"), @_);
}

# Open flags that differ by architecture.
our ($O_PATH, $O_CLOEXEC, $O_DIRECTORY, $O_NOFOLLOW) = (0x200000, 0x80000,
  (POSIX::uname())[4] eq 'aarch64' ? (0x4000, 0x8000) : (0x10000, 0x20000));

our ($CLOCK_CALL, $READ_CALL, $WRITE_CALL) = @SYSTEM_CALL{'clock_gettime', 'read', 'write'};
my $clock_buffer = pack('qq', 0, 0);

# Seconds of CLOCK_MONOTONIC, with a fraction.
sub monotonic {
  syscall($CLOCK_CALL, 1, $clock_buffer);
  my ($seconds, $nanoseconds) = unpack('qq', $clock_buffer);
  return $seconds + $nanoseconds / 1e9;
}

my $wall_buffer = pack('qq', 0, 0);

# Milliseconds since 1970.
sub wall_clock_ms {
  syscall($CLOCK_CALL, 0, $wall_buffer);
  my ($seconds, $nanoseconds) = unpack('qq', $wall_buffer);
  return $seconds * 1000 + int($nanoseconds / 1e6);
}

# The system's name of an error number: errno_name($!) is 'ENOENT'.
my %errno_names;
sub errno_name {
  my $number = $_[0] + 0;
  if (!%errno_names) {
    # Names that share a number are reported by the one that people know.
    for my $name (sort keys %Errno::) {
      next unless $name =~ /^E[A-Z0-9]+$/ && $name ne 'EXISTS' && defined &{"Errno::$name"};
      no strict 'refs';
      $errno_names{&{"Errno::$name"}()} //= $name;
    }
  }
  return $errno_names{$number} // "E$number";
}

# What `$!` says for a name, for comparisons: $! == errno('EINTR').
our ($EINTR, $EAGAIN, $EIO, $EPIPE, $EPERM, $ESRCH, $ECHILD) = (4, 11, 5, 32, 1, 3, 10);

sub close_descriptor { POSIX::close($_[0]) }

# Both ends of a pipe as descriptor numbers, closed on exec; dies with the errno.
sub make_pipe {
  my $pair = pack('ll', 0, 0);
  system_call('pipe2', $pair, $O_CLOEXEC) == 0 or die { errno => errno_name($!), message => "pipe: $!" };
  return unpack('ll', $pair);
}

# Both ends of a unix socket pair (Socket::SOCK_STREAM or SOCK_SEQPACKET) as descriptor numbers, closed on exec.
sub make_socket_pair {
  my ($type) = @_;
  my $pair = pack('ll', 0, 0);
  system_call('socketpair', 1, $type | $O_CLOEXEC, 0, $pair) == 0
    or die { errno => errno_name($!), message => "socketpair: $!" };
  return unpack('ll', $pair);
}

sub set_non_blocking {
  my ($descriptor) = @_;
  my $flags = system_call('fcntl', $descriptor, 3, 0);
  system_call('fcntl', $descriptor, 4, $flags | 0x800) if $flags >= 0;
}

# The whole of a file that the kernel makes up, or a small one; undef when it cannot be opened.
sub read_small_file {
  my ($path) = @_;
  open(my $file, '<', $path) or return undef;
  local $/;
  return scalar <$file>;
}

# Kind and value of a wait status.
sub exit_of_status {
  my ($status) = @_;
  my $signal = $status & 127;
  return $signal ? ('signal', signal_name($signal)) : ('code', $status >> 8);
}

my @signal_names;
sub signal_name {
  my ($number) = @_;
  @signal_names = map { "SIG$_" } split / /, $Config::Config{sig_name} unless @signal_names;
  my $name = $signal_names[$number] // "SIG$number";
  # Two numbers have several names in Perl's table; these are the usual ones.
  return $name eq 'SIGIOT' ? 'SIGABRT' : $name eq 'SIGCLD' ? 'SIGCHLD' : $name;
}
