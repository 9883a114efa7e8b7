/**
 * Exchanges two names as fast as it is told to. Arguments: `exchange` or `vanish`, the two names, what the link says (or
 * nothing), the pause in microseconds. Says `ready`, then now and then how often it has done it; TERM ends it, with the
 * first name back in its place. Needs nothing but Perl's own modules.
 */
export const perlSource = String.raw`
use strict; use warnings; use POSIX ();
my ($mode, $one, $other, $link, $pause) = @ARGV;
my %call = (
  x86_64 => 316, i386 => 353, i686 => 353, aarch64 => 276, riscv64 => 276, loongarch64 => 276,
  arm => 382, armv7l => 382, armv6l => 382, ppc64 => 357, ppc64le => 357, s390x => 347, mips64 => 5311,
);
my $machine = (POSIX::uname())[4];
# A program of 32 bits has the numbers of its own kind.
$machine = 'i386' if $machine eq 'x86_64' && length pack('p', '') == 4;
$machine = 'arm' if $machine eq 'aarch64' && length pack('p', '') == 4;
my $call = $^O eq 'linux' ? $call{$machine} : undef;
my ($count, $swapped, $aside, $stop) = (0, 0, 0, 0);
$SIG{$_} = sub { $stop = 1 } for qw(TERM INT HUP);
$| = 1;
my ($first, $second) = ("$one\0", "$other\0");
sub wait_a_little { select undef, undef, undef, $pause / 1e6 if $pause }
sub is_there { return -l $_[0] || -e _ }
sub exchange {
  if (defined $call) {
    return 1 if syscall($call, -100, $first, -100, $second, 2) == 0;
    # ENOSYS and EINVAL: the kernel or the file system cannot do it in one step.
    return 0 if $! != 38 && $! != 22;
    undef $call;
  }
  return rename($one, "$other.mid") && rename($other, $one) && rename("$other.mid", $other);
}
# A write through the link's name may have replaced the link: then another is made.
sub mend_link {
  return if -l $one || -l $other;
  symlink $link, "$other.link" and rename "$other.link", $other;
}
sub come_back {
  return if !is_there($other);
  # Somebody made the directory anew meanwhile.
  rename $one, "$other.aside" . $aside++ if is_there($one);
  return rename $other, $one;
}
print "ready\n";
while (!$stop) {
  my $done = $mode eq 'exchange' ? exchange() : $swapped ? come_back() : rename $one, $other;
  if ($done) { $count++; $swapped = !$swapped }
  elsif ($mode ne 'exchange') { $swapped = is_there($other) }
  mend_link() if $link ne '' && ($pause || !($count & 63));
  print "$count\n" if $pause || !($count & 127);
  wait_a_little();
}
if ($mode eq 'exchange') { exchange() if $link ne '' ? -l $one : $swapped }
else { come_back() }
print "$count\n";
`;
