# Into a temporary name, then in place by a rename: a copy that failed leaves nothing.
access=r
walk "$path" "$follow"
require_beneath
missing_leaf
from=$leaf origin=$PWD from_path=${PWD%/}/$leaf
if [ -r . ] && [ -d /proc/self/fd ]; then
  exec 5<.
  origin=/proc/self/fd/5
fi
access=w base=$to_base
walk "$to_path" 1
require_beneath
source=$origin/$from
case $PWD/ in "$from_path"/*) fail 'EINVAL a directory cannot be copied into itself' ;; esac
if [ -e "./$leaf" ] || [ -L "./$leaf" ]; then
  [ -f "$source" ] && [ ! -L "$source" ] && [ -f "./$leaf" ] || fail EEXIST
  [ -w "./$leaf" ] || fail EACCES
  [ ! "$source" -ef "./$leaf" ] || { answer; exit 0; }
fi
if [ -f "$source" ]; then
  [ -r "$source" ] || fail EACCES
elif [ ! -d "$source" ] && [ ! -L "$source" ]; then
  fail 'invalid_request expected a file, a directory or a link, got something else'
fi
trap 'rm -rf "$temporary"' EXIT
note_unfinished "$temporary"
trap 'exit 125' HUP INT TERM PIPE
cp -RPp "$source" "$temporary" 2>/dev/null || refuse EACCES
mv -f $exact "$temporary" "./$leaf" 2>/dev/null || refuse
trap - EXIT
answer
