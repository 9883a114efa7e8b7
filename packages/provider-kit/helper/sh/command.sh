# One command. The first line said where to run it ($base, $path: the working directory), the positional parameters
# are its argument vector, $search is its PATH. A second line, the environment and `exec`, comes when our side has noted the
# process group: until then nothing has run, and the end of standard input ends this.
walk "$path" 1
enter_leaf

executable() {
  if [ -f "$1" ] && [ -x "$1" ]; then return 0; fi
  if [ -e "$1" ]; then found=EACCES; fi
  return 1
}

look_up() {
  found=ENOENT
  case $1 in
    */*) executable "$1" || fail "$found"; return 0 ;;
    '') fail ENOENT ;;
  esac
  program=$1 IFS=:
  set -f
  for directory in $search; do
    if executable "${directory:-.}/$program"; then
      unset IFS
      set +f
      return 0
    fi
  done
  fail "$found"
}

identify() {
  group=$3 session=$4
  shift 19
  started=$1
}

# What this shell inherited or exported itself, of the names that the arguments match. Read-only names of bash are left to `env -u`.
forget_environment() {
  set -f
  IFS=$newline
  for line in $(export -p); do
    case $line in
      'export '*) line=${line#export } ;;
      'declare -x '*) line=${line#declare -x } ;;
      *) continue ;;
    esac
    line=${line%%=*}
    case $line in
      '' | [0-9]* | *[!A-Za-z0-9_]*) continue ;;
      BASHOPTS | SHELLOPTS | BASH_VERSINFO | UID | EUID | PPID) continue ;;
    esac
    for pattern in "$@"; do
      case $line in $pattern) unset "$line" ;; esac
    done
  done
  unset IFS pattern
}

# What the prelude set for itself is the login's own again.
restore_login_environment() {
  if [ -n "$login_lc_all" ]; then LC_ALL=$login_lc_all; else unset LC_ALL; fi
  if [ -n "$login_tz" ]; then TZ=$login_tz; else unset TZ; fi
  if [ -n "$login_quoting_style" ]; then QUOTING_STYLE=$login_quoting_style; else unset QUOTING_STYLE; fi
}

# What we were started with and is none of the command's. Not every shell has words for descriptors past 9.
close_descriptors() {
  exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
  [ -n "$closes_all" ] || return 0
  for descriptor in /proc/$$/fd/[0-9][0-9]*; do
    [ ! -e "$descriptor" ] || eval "exec ${descriptor##*/}>&-"
  done
}

if [ -n "$inherits" ]; then search=${search:-$PATH}; fi
look_up "$1"
close_descriptors
group=$$ session=$$ started=0
if [ -r /proc/$$/stat ]; then
  read -r line </proc/$$/stat
  set -f
  identify ${line##*) }
fi
printf '%s ready %s %s %s %s\n' "$nonce" $$ "$group" "$session" "$started"
printf '%s ready\n' "$nonce" >&2
# Cut off before it became the command: no exit code, which would be taken for the command's.
IFS= read -r line || kill -KILL $$
eval "$line"
