# One a session, for as long as it lives: sends signals to the process groups of its commands, ends them, and when
# standard input ends (our side is gone) kills all it knows of. A group is `number:start`, the start being that of its leader:
# while any member lives its number cannot be given away, and a leader with another start is somebody else's.
trap '' HUP INT TERM QUIT PIPE
if [ -n "$session" ]; then
  start_of $$
  (umask 077 && printf '%s:%s\n' "$$" "$start" >"$states/$session/owner") 2>/dev/null
  # Another client resumes the session.
  trap 'printf "%s 0 leaving\n" "$nonce"; send KILL "$groups"; remove_unfinished "$states/$session"; exit 0' USR1
fi
# Not every sleep knows fractions.
if sleep 0.001 2>/dev/null; then tick=0.02 ticks_of_kill=100; else tick=1 ticks_of_kill=2; fi
groups=' '
has_proc=
[ ! -r /proc/self/stat ] || has_proc=1

stat_fields() { leader_start=${20}; }

# Whether the group is still the one that was told.
is_ours() {
  number=${1%%:*} recorded=${1#*:}
  [ -n "$has_proc" ] && [ "$recorded" != 0 ] || return 0
  { IFS= read -r line </proc/"$number"/stat; } 2>/dev/null || return 0
  stat_fields ${line##*) }
  [ "$leader_start" = "$recorded" ]
}

send() {
  for group in $2; do
    if is_ours "$group"; then kill "-$1" "-${group%%:*}" 2>/dev/null; fi
  done
}

note_member() {
  case $1 in Z | X) return 0 ;; esac
  case " $wanted " in
    *" $3 "*) members="$members$pid:$3 " ;;
    *" $4 "*) members="$members$pid:$4 " ;;
  esac
}

# Living processes of the groups, as `pid:group`, into $members. A name with a line feed in it takes two lines.
find_members() {
  members= wanted=
  for group in $1; do
    if is_ours "$group"; then wanted="$wanted ${group%%:*}"; fi
  done
  [ -n "$wanted" ] || return 0
  if [ -n "$has_proc" ]; then
    saved=$(cat /proc/[0-9]*/stat 2>/dev/null)
  else
    saved=$(ps -A -o pid= -o stat= -o ppid= -o pgid= 2>/dev/null | while read -r a b c d; do
      case $b in Z*) b=Z ;; *) b=S ;; esac
      printf '%s (x) %s %s %s -\n' "$a" "$b" "$c" "$d"
    done)
  fi
  IFS=$newline
  for line in $saved; do
    case $line in [0-9]*' ('*) pid=${line%% *} ;; esac
    case $line in
      *') '[A-Za-z]' '*)
        unset IFS
        note_member ${line##*) }
        IFS=$newline
        ;;
    esac
  done
  unset IFS
}

any_left() {
  for group in $1; do
    if kill -0 "-${group%%:*}" 2>/dev/null && is_ours "$group"; then
      find_members "$1"
      [ -n "$members" ]
      return
    fi
  done
  members=
  return 1
}

# Waits for the groups to be empty, at most $2 ticks.
await_end() {
  left=$2
  while any_left "$1"; do
    [ "$left" -gt 0 ] || return 1
    left=$((left - 1))
    sleep "$tick"
  done
}

# end ID TICKS GROUPS: TERM, grace, KILL; a stopped process must be woken to hear of it.
end_groups() {
  number_of_ticks=$2
  [ "$tick" != 1 ] || number_of_ticks=$(((number_of_ticks + 49) / 50))
  before= identifier=$1
  shift 2
  find_members "$*"
  before=$members
  if [ -n "$before" ]; then
    if [ "$number_of_ticks" -gt 0 ]; then
      send TERM "$*"
      send CONT "$*"
      await_end "$*" "$number_of_ticks"
    fi
    if any_left "$*"; then
      send KILL "$*"
      await_end "$*" "$ticks_of_kill"
    fi
  fi
  printf '%s %s ended %s/ %s\n' "$nonce" "$identifier" "$before" "$members"
}

report_members() {
  identifier=$1
  shift
  find_members "$*"
  printf '%s %s members %s\n' "$nonce" "$identifier" "$members"
}

drop() {
  case $groups in
    *" $1 "*) groups="${groups%%" $1 "*} ${groups#*" $1 "}" ;;
  esac
}

send_one() {
  if is_ours "$3" && kill "-$2" "-${3%%:*}" 2>/dev/null; then
    printf '%s %s sent\n' "$nonce" "$1"
  else
    printf '%s %s gone\n' "$nonce" "$1"
  fi
}

set -f
printf '%s ready %s\n' "$nonce" $$
set +f
while IFS= read -r request; do
  set -f
  set -- $request
  set +f
  verb=$1
  shift
  case $verb in
    add) groups="$groups$1 " ;;
    drop) drop "$1" ;;
    signal) send_one "$@" ;;
    end) end_groups "$@" </dev/null & ;;
    members) report_members "$@" </dev/null & ;;
    ping) printf '%s %s pong\n' "$nonce" "$1" ;;
    forget) remove_unfinished "$states/$session"; rm -rf "${states:?}/${session:?}"; printf '%s %s done\n' "$nonce" "$1" ;;
  esac
done
send KILL "$groups"
[ -z "$session" ] || remove_unfinished "$states/$session"
