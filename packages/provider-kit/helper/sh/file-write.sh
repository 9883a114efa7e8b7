# Contents come as blocks, each after a line with its length (`s`: the last one, `1`: byte by byte); a line `0` says that all of
# it came. Without that line nothing is put in place.
walk "$path" 1
[ "$leaf" != . ] || fail 'EISDIR expected a regular file, got a directory'
[ -z "$directory" ] || fail 'invalid_request expected the path of a file, got one that ends in "/"'
file=./$leaf
owner=
if [ -e "$file" ]; then
  require_file
  [ -z "$must_be_new" ] || fail 'conflict the file exists already: `ifVersion` does not hold'
  [ -w "$file" ] || fail EACCES
  old=$(stat "$stat_option" "$mode_format|$version_format" "$file" 2>/dev/null)
  [ -n "$mode" ] || mode=${old%%|*}
  old=${old#*|}
  owner=${old%%|*}
  old=${old#*|}
  [ "$owner" != "$identity" ] || owner=
  [ -z "$expected" ] || [ "$old" = "$expected" ] ||
    fail 'conflict the file was changed by someone else: `ifVersion` does not hold'
else
  [ -z "$expected" ] || fail 'conflict the file is gone: `ifVersion` does not hold'
fi
[ -w . ] && [ -x . ] || fail EACCES
temporary=./.mooring-$nonce.tmp
trap 'rm -f "$temporary"' EXIT
trap 'exit 125' HUP INT TERM PIPE
note_unfinished "$temporary"
[ -z "$mode" ] || umask 077
set -C
true 2>/dev/null >"$temporary" || refuse
set +C
exec 4>>"$temporary"
complete= synced=
while IFS= read -r block; do
  case $block in
    0) complete=1; break ;;
    *' s') synced=1; dd bs="${block% s}" count=1 iflag=fullblock conv=fsync 2>/dev/null >&4 || refuse ;;
    *' 1') dd bs=1 count="${block% 1}" 2>/dev/null >&4 || refuse ;;
    *) dd bs="$block" count=1 iflag=fullblock 2>/dev/null >&4 || refuse ;;
  esac
done
[ -n "$complete" ] || exit 125
if [ -z "$synced" ] && [ -n "$sync_files" ]; then sync "$temporary" 2>/dev/null || refuse; fi
if [ -n "$owner" ]; then chown "$owner" "$temporary" 2>/dev/null; fi
if [ -n "$mode" ]; then chmod "$mode" "$temporary" || refuse; fi
if [ -n "$expected" ] && [ "$(stat "$stat_option" "$version_format" "$file" 2>/dev/null)" != "$expected" ]; then
  fail 'conflict the file was changed by someone else: `ifVersion` does not hold'
fi
if [ -n "$must_be_new" ]; then
  if ! ln $exact "$temporary" "$file" 2>/dev/null; then
    [ ! -e "$file" ] && [ ! -L "$file" ] || fail 'conflict the file exists already: `ifVersion` does not hold'
    refuse
  fi
  rm -f "$temporary"
else
  mv -f $exact "$temporary" "$file" 2>/dev/null || refuse
fi
trap - EXIT
[ -z "$sync_files" ] || sync . 2>/dev/null
answer
exec stat "$stat_option" "$format" "$file"
