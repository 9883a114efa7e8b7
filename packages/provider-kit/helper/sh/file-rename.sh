access=w
walk "$path" ''
require_beneath
missing_leaf
from=$leaf origin=$PWD
if [ -r . ] && [ -d /proc/self/fd ]; then
  exec 5<.
  origin=/proc/self/fd/5
fi
from_path=${PWD%/}/$from
base=$to_base
walk "$to_path" ''
require_beneath
source=$origin/$from
if [ "$from_path" != "${PWD%/}/$leaf" ]; then
  case $PWD/ in "$from_path"/*) fail 'EINVAL a directory cannot go into itself' ;; esac
  if [ -d "./$leaf" ] && [ ! -L "./$leaf" ]; then
    [ -d "$source" ] && [ ! -L "$source" ] || fail EISDIR
    rmdir "./$leaf" 2>/dev/null || fail ENOTEMPTY
  elif [ -d "$source" ] && [ ! -L "$source" ]; then
    [ ! -e "./$leaf" ] && [ ! -L "./$leaf" ] || fail ENOTDIR
  fi
  devices=$(stat "$stat_option" "$device_format" "$origin/." ./. 2>/dev/null)
  [ "${devices%%"$newline"*}" = "${devices#*"$newline"}" ] ||
    fail 'unsupported a rename from one file system to another cannot be done in one step'
  [ -w . ] && [ -w "$origin/." ] || fail EACCES
  mv -f $exact "$source" "./$leaf" 2>/dev/null || refuse EACCES
fi
answer
