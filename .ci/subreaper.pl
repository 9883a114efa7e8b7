# Runs a program as a child subreaper (PR_SET_CHILD_SUBREAPER), reaps what it orphans, kills what it leaves.
use strict;
use warnings;
use POSIX ();

my %prctl_number = (x86_64 => 157, aarch64 => 167);
my $prctl = $prctl_number{(POSIX::uname())[4]};
my $is_subreaper = defined $prctl && syscall($prctl, 36, 1, 0, 0, 0) == 0;
$ENV{MOORING_CI_SUBREAPER} = $is_subreaper ? $$ : '';
exec @ARGV or die "$ARGV[0]: $!\n" unless $is_subreaper;

my $program = fork() // die "fork: $!\n";
if ($program == 0) {
    exec @ARGV or die "$ARGV[0]: $!\n";
}
$SIG{$_} = sub { kill $_[0], $program } for qw(INT TERM HUP);

my $status = 1 << 8;
while ((my $pid = waitpid(-1, 0)) != -1) {
    next if $pid == 0;
    next if $pid != $program;
    $status = $?;
    last;
}

# A killed parent hands its children to us, so this goes on until there are none.
while (1) {
    open my $list, '<', "/proc/self/task/$$/children" or last;
    my @children = split ' ', <$list> // '';
    last if !@children;
    kill 'KILL', @children;
    1 while waitpid(-1, 0) > 0;
}
exit($status & 127 ? 128 + ($status & 127) : $status >> 8);
