# Paths beneath the roots. `inside`, `root_of` (which sets $base and $tail) and `is_root` come with the values: they know the
# roots for reading ($access is r) and for writing (w). The directory that holds a name is gone to and stays pinned by that, whatever is renamed.

# Notes a temporary file in the current directory, for the session's end: whoever is killed cannot remove it.
note_unfinished() {
  case $PWD in *"$newline"*) return 0 ;; esac
  { printf '%s/%s\n' "${PWD%/}" "${1#./}" >>"$unfinished"; } 2>/dev/null
}

# From the root $base: goes to the directory that holds the last component of $1 and puts that into $leaf, `.` for
# the root itself. Links are followed by their text, the last one too when $2 is 1, and never out of the roots.
walk() {
  walk_on "$@"
  require_pinned
}

walk_on() {
  rest=$1 follow=$2 hops=0 leaf=.
  go_to_base
  while :; do
    rest=${rest#"${rest%%[!/]*}"}
    leaf=.
    [ -n "$rest" ] || return 0
    name=${rest%%/*}
    rest=${rest#"$name"}
    rest=${rest#"${rest%%[!/]*}"}
    case $name in
      .) continue ;;
      ..) go_up; continue ;;
    esac
    if [ -L "./$name" ] && { [ -n "$rest" ] || [ -n "$follow" ]; }; then
      hops=$((hops + 1))
      [ "$hops" -le 40 ] || fail ELOOP
      target=$(readlink -n "./$name" 2>/dev/null; printf /)
      target=${target%/}
      [ -n "$target" ] || fail 'unavailable the path was changed at that moment; try again'
      case $target in
        /*) restart "$target${rest:+/$rest}" ;;
        *) rest=$target${rest:+/$rest} ;;
      esac
      continue
    fi
    if [ -z "$rest" ]; then
      leaf=$name
      return 0
    fi
    descend "$name"
  done
}

go_to_base() {
  cd -P "$base" 2>/dev/null || fail 'ENOENT the root is gone'
  [ "$PWD" = "$base" ] || fail 'path_escape the root was replaced'
}

restart() {
  root_of "$1" || fail 'path_escape the path leaves the roots of the session'
  rest=$tail
  go_to_base
}

# Above a root there is only the text of its path, until that leads into a root again.
go_up() {
  if is_root "$PWD"; then
    above=${PWD%/*}
    while :; do
      case $rest in
        ..) above=${above%/*} rest= ;;
        ../*) above=${above%/*} rest=${rest#../} ;;
        *) break ;;
      esac
    done
    restart "${above:-/}/$rest"
    return 0
  fi
  cd -P .. 2>/dev/null || fail EACCES
  inside "$PWD" || fail 'path_escape the path leaves the roots of the session'
}

descend() {
  above=$PWD
  if ! cd -P "./$1" 2>/dev/null; then
    [ -x . ] || fail EACCES
    if [ -d "./$1" ]; then fail EACCES; fi
    if [ -e "./$1" ] || [ -L "./$1" ]; then fail "${not_directory:-ENOTDIR}"; fi
    [ -n "$create" ] || fail ENOENT
    require_pinned
    make_directory "./$1"
    cd -P "./$1" 2>/dev/null || fail EACCES
  fi
  [ "$PWD" = "${above%/}/$1" ] || inside "$PWD" || fail 'path_escape the path leaves the roots of the session'
}

make_directory() {
  mkdir "$@" 2>/dev/null && return 0
  shift $(($# - 1))
  [ -d "$1" ] || refuse
}

# Into the directory that walk found.
enter_leaf() {
  missing_leaf
  [ -d "./$leaf" ] || fail ENOTDIR
  [ "$leaf" = . ] || {
    descend "$leaf"
    require_pinned
  }
}

# Other shells ask the kernel where they are. bash goes by the text of the path, which may be a link by now, so ask for it.
require_pinned() {
  [ -n "${BASH_VERSION:-}" ] || return 0
  real=$(/bin/pwd -P 2>/dev/null || env pwd -P; echo .)
  [ "${real%"$newline".}" = "$PWD" ] || fail 'path_escape the path was changed at that moment'
}

missing_leaf() {
  [ -e "./$leaf" ] || [ -L "./$leaf" ] || {
    [ -x . ] || fail EACCES
    fail ENOENT
  }
}

require_file() {
  [ -f "./$leaf" ] && return 0
  missing_leaf
  [ ! -d "./$leaf" ] || fail 'EISDIR expected a regular file, got a directory'
  fail 'invalid_request expected a regular file, got a FIFO, a socket or a device'
}

require_beneath() {
  case $leaf in .) fail 'invalid_request expected a path beneath a root, got a root itself' ;; esac
  if is_root "${PWD%/}/$leaf"; then fail 'EBUSY a root of the session cannot be replaced or removed'; fi
}

# Why the directory here did not take a change: a program's message is for people, so look instead.
refuse() {
  [ -w . ] && [ -x . ] || fail EACCES
  free=$(df -Pk . 2>/dev/null | { read -r line; read -r a b c free rest; printf %s "$free"; })
  case $free in 0 | 1 | 2 | 3) fail ENOSPC ;; esac
  fail "${1:-EIO}"
}

answer() { printf '%s\n' "$nonce"; }
