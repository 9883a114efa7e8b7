// Six ways in which a command's offspring hides from who would end it. Each carries a mark in its arguments, and says
// "hidden" once it is where it wants to be.
// The hopper forks, exits and starts a session anew every 2 ms; being Perl, it needs no interpreter of our own.
const hopper =
  "use POSIX();$|=1;my$n=0;while(1){my$p=fork;next unless defined$p;POSIX::_exit(0)if$p;POSIX::setsid();%ENV=();print qq(hidden\\n)if++$n==3;select undef,undef,undef,.002}";
const loop = "echo hidden; while :; do sleep 1; done";

export const hazards: Readonly<Record<string, (mark: string) => string>> = {
  "a plain child": (mark) => `sh -c '${loop}' ${mark} &`,
  "a child under nohup": (mark) => `nohup sh -c '${loop}' ${mark} 2>/dev/null &`,
  "a session of its own": (mark) => `setsid sh -c '${loop}' ${mark} &`,
  "an orphaned daemon that ignores TERM and HUP": (mark) =>
    `(setsid sh -c 'trap "" TERM HUP; ${loop}' ${mark} 2>/dev/null &)`,
  "a session with an empty environment": (mark) => `env -i setsid /bin/sh -c '${loop}' ${mark} &`,
  "a process that changes its number all the time": (mark) => `perl -e '${hopper}' ${mark} &`,
};
