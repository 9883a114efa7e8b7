// Six ways in which a command's offspring hides from who would end it. Each carries a mark in its arguments.
// The hopper forks, exits and starts a session anew every 2 ms; being Perl, it needs no interpreter of our own.
const hopper =
  "use POSIX();while(1){my$p=fork;next unless defined$p;POSIX::_exit(0)if$p;POSIX::setsid();%ENV=();select undef,undef,undef,.002}";

export const hazards: Readonly<Record<string, (mark: string) => string>> = {
  "a plain child": (mark) => `sh -c 'while :; do sleep 1; done' ${mark} &`,
  "a child under nohup": (mark) => `nohup sh -c 'while :; do sleep 1; done' ${mark} >/dev/null 2>&1 &`,
  "a session of its own": (mark) => `setsid sh -c 'while :; do sleep 1; done' ${mark} &`,
  "an orphaned daemon that ignores TERM and HUP": (mark) =>
    `(setsid sh -c 'trap "" TERM HUP; while :; do sleep 1; done' ${mark} >/dev/null 2>&1 &)`,
  "a session with an empty environment": (mark) => `env -i setsid /bin/sh -c 'while :; do sleep 1; done' ${mark} &`,
  "a process that changes its number all the time": (mark) => `perl -e '${hopper}' ${mark} &`,
};
