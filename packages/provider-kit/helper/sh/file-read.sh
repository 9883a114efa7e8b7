# Opened first, and then the kernel is asked where what was opened lies: a name may be a link by then.
walk "$path" 1
[ -z "$directory" ] || [ -d "./$leaf" ] || fail ENOTDIR
require_file
[ -r "./$leaf" ] || fail EACCES
exec 3<"./$leaf"
if [ -e /proc/self/fd/3 ]; then
  real=$(readlink -n /proc/self/fd/3; echo .)
  inside "${real%.}" || fail 'path_escape the path was changed at that moment'
else
  [ ! -L "./$leaf" ] || fail 'path_escape the path was changed at that moment'
fi
answer
printf '%s %s\n' "$PWD" "$nonce"
if [ -e /proc/self/fd/3 ]; then
  stat -L "$stat_option" "$format" /proc/self/fd/3
else
  stat "$stat_option" "$format" "./$leaf"
fi
[ "$limit" != 0 ] || exit 0
if [ "$offset" != 0 ] && [ -n "$dd_bytes" ]; then
  exec dd bs=65536 iflag=skip_bytes,count_bytes skip="$offset" ${limit:+count="$limit"} <&3 2>/dev/null
elif [ "$offset" != 0 ] && [ -n "$limit" ]; then
  tail -c "+$((offset + 1))" <&3 | head -c "$limit"
elif [ "$offset" != 0 ]; then
  exec tail -c "+$((offset + 1))" <&3
elif [ -n "$limit" ]; then
  exec head -c "$limit" <&3
else
  exec cat <&3
fi
