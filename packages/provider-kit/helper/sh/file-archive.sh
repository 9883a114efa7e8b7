walk "$path" 1
missing_leaf
start=.
if [ -d "./$leaf" ]; then
  [ "$leaf" = . ] || { descend "$leaf"; require_pinned; }
  [ -r . ] || fail EACCES
else
  require_file
  [ -r "./$leaf" ] || fail EACCES
  start=./$leaf
fi
answer
tar -cf - "$start" 2>/dev/null
# 1: a file changed while it was read, or could not be read; what was read is whole.
[ $? -le 1 ] || fail 'unavailable the archive could not be finished'
