walk "$path" ''
require_beneath
missing_leaf
[ -z "$directory" ] || [ -d "./$leaf" ] || fail ENOTDIR
if [ -d "./$leaf" ] && [ ! -L "./$leaf" ]; then
  if [ -n "$recursive" ]; then
    rm -rf "./$leaf" 2>/dev/null || fail EACCES
  elif ! rmdir "./$leaf" 2>/dev/null; then
    [ -w . ] && [ -r "./$leaf" ] || fail EACCES
    fail 'ENOTEMPTY the directory is not empty'
  fi
else
  [ -w . ] || fail EACCES
  rm -f "./$leaf" 2>/dev/null || fail EACCES
fi
answer
