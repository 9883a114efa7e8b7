# Where sessions over a shell leave their records: one directory each, out of the way of those that the resident helper keeps.
# `record` is what our side wrote, `owner` the process that serves the session, as number:start.
states=
for candidate in "${XDG_STATE_HOME:-${HOME:-/nonexistent}/.local/state}/mooring" "${TMPDIR:-/tmp}/mooring-state-$(id -u)"; do
  (umask 077 && mkdir -p "$candidate/shell") 2>/dev/null
  # In a directory that all may write to, somebody else may have been first.
  if [ -d "$candidate/shell" ] && [ ! -L "$candidate" ] && [ -O "$candidate" ] && [ -w "$candidate/shell" ]; then
    states=$candidate/shell
    break
  fi
done
[ -n "$states" ] || fail 'permission_denied the state directory cannot be made'

start_field() { start=${20}; }

# Sets $start to when the process $1 began, 0 where that cannot be known; false when there is no such process.
start_of() {
  start=0
  if [ ! -r /proc/self/stat ]; then
    kill -0 "$1" 2>/dev/null
    return
  fi
  { IFS= read -r line </proc/"$1"/stat; } 2>/dev/null || return 1
  set -f
  start_field ${line##*) }
  set +f
}

# Whether the owner of the session in directory $1 lives; its number is in $owner then.
is_owned() {
  owner=
  { IFS= read -r owner <"$1/owner"; } 2>/dev/null || return 1
  recorded=${owner#*:} owner=${owner%%:*}
  case $owner in '' | *[!0-9]*) return 1 ;; esac
  start_of "$owner" && [ "$start" = "$recorded" ]
}

# Removes what writers of the session in directory $1 noted and, being killed, could not remove themselves.
remove_unfinished() {
  [ -r "$1/unfinished" ] || return 0
  while IFS= read -r line; do
    case $line in
      /*/.mooring-*.tmp | /.mooring-*.tmp) if [ -e "$line" ] || [ -L "$line" ]; then rm -rf "$line"; fi ;;
    esac
  done <"$1/unfinished" 2>/dev/null
}
