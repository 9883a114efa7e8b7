# Opens a session: its state directory, its roots' real paths, and what this place can do.
say() { printf '%s=%s %s\n' "$1" "$2" "$nonce"; }

states=${XDG_STATE_HOME:-${HOME:-/tmp}/.local/state}/mooring
old_umask=$(umask)
umask 077
mkdir -p "$states" 2>/dev/null || fail 'permission_denied the state directory cannot be made'
if [ "$mode" = create ]; then
  mkdir "$states/$session" 2>/dev/null || {
    [ ! -d "$states/$session" ] || fail 'already_exists a session with this id is here already; resume it instead'
    fail 'permission_denied the state directory cannot be made'
  }
else
  [ -d "$states/$session" ] || fail 'not_found no session with this id is here'
fi
umask "$old_umask"

give_up() {
  [ "$mode" != create ] || rmdir "$states/$session" 2>/dev/null
  fail "$1"
}

if [ -n "$create_root" ]; then mkdir -p "$1" 2>/dev/null; fi
for root in "$@"; do
  cd -P "$root" 2>/dev/null || {
    if [ -d "$root" ]; then give_up "EACCES $root"; fi
    if [ -e "$root" ]; then give_up "ENOTDIR $root"; fi
    give_up "ENOENT $root"
  }
  case $PWD in //*) PWD=${PWD#/} ;; esac
  roots="$roots$(say root "$PWD" && printf .)"
  roots=${roots%.}
done

group=$$ session_leader=$$
fields() { group=$3 session_leader=$4; }
if [ -r /proc/$$/stat ]; then
  read -r line </proc/$$/stat
  fields ${line##*) }
fi

answer() { printf '%s\n' "$nonce"; }
answer
printf %s "$roots"
say os "$(uname -s)"
say arch "$(uname -m)"
say uid "$(id -u)"
say gid "$(id -g)"
if [ "$group" = "$session_leader" ]; then say group own; fi
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
if (exec -- true) 2>/dev/null; then say exec options; fi
if command -v env >/dev/null; then say env "$(command -v env)"; fi
if stat -c %s / >/dev/null 2>&1; then say stat gnu; elif stat -f %z / >/dev/null 2>&1; then say stat bsd; fi
if [ "$(printf abc | dd bs=2 count=1 iflag=fullblock conv=fsync 2>/dev/null)" = ab ]; then say dd fullblock; fi
if [ "$(printf abc | dd bs=1024 iflag=skip_bytes,count_bytes skip=1 count=1 2>/dev/null)" = b ]; then say dd bytes; fi
printf 'a\0a\n' | grep -q -I a 2>/dev/null
if [ $? -eq 1 ]; then say grep skips_binary; fi
if true 2>/dev/null >"$states/.$nonce"; then
  if mv -fT "$states/.$nonce" "$states/.$nonce.moved" 2>/dev/null; then say mv exact; fi
  rm -f "$states/.$nonce" "$states/.$nonce.moved"
fi
if sync "$states" 2>/dev/null; then say sync files; fi
for tool in find stat dd mv tar readlink; do
  if command -v "$tool" >/dev/null; then say tool "$tool"; fi
done
if command -v nc >/dev/null; then
  case $(nc -h 2>&1 </dev/null) in
    *BusyBox*) say nc busybox ;;
    *'-N'*) say nc openbsd ;;
  esac
fi
