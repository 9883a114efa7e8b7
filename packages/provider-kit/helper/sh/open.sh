# Opens a session: its state directory, its roots' real paths, and what this place can do.
say() { printf '%s=%s %s\n' "$1" "$2" "$nonce"; }

old_umask=$(umask)
umask 077
directory=$states/$session
if [ "$mode" = create ]; then
  mkdir "$directory" 2>/dev/null || {
    [ ! -d "$directory" ] || fail 'already_exists a session with this id is here already; resume it instead'
    fail 'permission_denied the state directory cannot be made'
  }
  printf '%s\n' "$record" >"$directory/record"
else
  [ -r "$directory/record" ] || fail 'not_found no session with this id is here'
  # What was kept of a session may have been changed there: it is this one, at its own place, or none.
  if [ -r "$directory/workspace" ] && cd -P "$1" 2>/dev/null && [ "$PWD" != "$(cat "$directory/workspace")" ]; then
    fail 'conflict the session does not work in this directory'
  fi
  # Whoever resumes last owns the session: the former owner ends its commands and itself.
  tries=0
  while is_owned "$directory"; do
    [ "$tries" != 0 ] || kill -USR1 "$owner" 2>/dev/null
    tries=$((tries + 1))
    [ "$tries" -lt 200 ] || fail 'conflict another owner serves this session and does not let go of it'
    sleep 0.05 2>/dev/null || sleep 1
  done
fi
remove_unfinished "$directory"
umask "$old_umask"

give_up() {
  if [ "$mode" = create ]; then rm -rf "$directory"; fi
  fail "$1"
}

if [ -n "$create_root" ]; then mkdir -p "$1" 2>/dev/null; fi
# `~` and what lies in it, which is known here only.
at_home() {
  case $1 in '~' | '~/'*) printf '%s.' "$HOME${1#'~'}" ;; *) printf '%s.' "$1" ;; esac
}

for root in "$@"; do
  root=$(at_home "$root")
  root=${root%.}
  cd -P "$root" 2>/dev/null || {
    if [ -d "$root" ]; then give_up EACCES; fi
    if [ -e "$root" ]; then give_up ENOTDIR; fi
    give_up ENOENT
  }
  # POSIX lets two slashes at the front stay.
  case $PWD in //*) real=${PWD#/} ;; *) real=$PWD ;; esac
  roots="$roots$(say root "$real" && printf .)"
  roots=${roots%.}
  [ -n "${workspace:-}" ] || workspace=$real
done
if [ -n "$within" ]; then
  within=$(at_home "$within")
  cd -P "${within%.}" 2>/dev/null || give_up ENOENT
  case $PWD in //*) outer=${PWD#/} ;; *) outer=$PWD ;; esac
  case $workspace/ in "${outer%/}"/*) ;; *) give_up 'path_escape the workspace lies outside of the root' ;; esac
fi

if [ "$mode" = create ] && cd -P "$1"; then printf '%s\n' "$PWD" >"$directory/workspace"; fi

group=$$ leader=$$
fields() { group=$3 leader=$4; }
if [ -r /proc/$$/stat ]; then
  read -r line </proc/$$/stat
  fields ${line##*) }
fi

printf '%s\n' "$nonce"
printf %s "$roots"
say state "$directory"
say os "$(uname -s)"
say arch "$(uname -m)"
say uid "$(id -u)"
say gid "$(id -g)"
if [ "$group" = "$leader" ]; then say group own; fi
if [ -n "${BASH_VERSION:-}" ]; then
  say bash 1
  IFS=$newline
  set -f
  for line in $(env); do
    case $line in *=*) line=${line%%=*} ;; *) continue ;; esac
    case $line in [0-9]* | *[!A-Za-z0-9_]*) say odd "$line" ;; esac
  done
  unset IFS
  set +f
fi
if (eval 'exec 12>&-') 2>/dev/null; then say closes all; fi
if (exec -- true) 2>/dev/null; then say exec options; fi
if command -v env >/dev/null; then say env "$(command -v env)"; fi
if stat -c %s / >/dev/null 2>&1; then say stat gnu; elif stat -f %z / >/dev/null 2>&1; then say stat bsd; fi
if [ "$(printf abc | dd bs=2 count=1 iflag=fullblock conv=fsync 2>/dev/null)" = ab ]; then say dd fullblock; fi
if [ "$(printf abc | dd bs=1024 iflag=skip_bytes,count_bytes skip=1 count=1 2>/dev/null)" = b ]; then say dd bytes; fi
printf 'a\0a\n' | grep -q -I a 2>/dev/null
if [ $? -eq 1 ]; then say grep skips_binary; fi
if true 2>/dev/null >"$directory/$nonce"; then
  if mv -fT "$directory/$nonce" "$directory/$nonce.moved" 2>/dev/null; then say mv exact; fi
  rm -f "$directory/$nonce" "$directory/$nonce.moved"
fi
if sync "$directory" 2>/dev/null; then say sync files; fi
for tool in find stat dd mv tar readlink; do
  if command -v "$tool" >/dev/null; then say tool "$tool"; fi
done
if command -v nc >/dev/null; then
  case $(nc -h 2>&1 </dev/null) in
    *BusyBox*) say nc busybox ;;
    *'-N'*) say nc openbsd ;;
  esac
fi
# Without it some of the above was lost on the way.
say told all
