# Names with a colon or a line feed cannot be told from what follows them, so those few files are searched one by one.
walk "$path" 1
missing_leaf
start=. kind=tree
if [ -d "./$leaf" ]; then [ "$leaf" = . ] || { descend "$leaf"; require_pinned; }; else start=./$leaf kind=file; fi
[ -r "$start" ] || fail EACCES
: | grep $flags -e "$pattern" >/dev/null 2>&1
[ $? -le 1 ] || fail 'invalid_request expected `pattern` to be a regular expression that the runner can read'
answer
echo "$kind"
odd="*[:$newline]*"
export nonce flags pattern newline skips_binary
if [ -n "$skips_binary" ]; then
  find "$start" "$@" -type f ! -path "$odd" -exec grep -nH $flags -e "$pattern" {} + 2>/dev/null
else
  # This grep does not know binary files. Counted by NUL bytes, a text is one line.
  find "$start" "$@" -type f ! -path "$odd" -exec sh -c '
    found=$(grep -l $flags -e "$pattern" "$@")
    [ -n "$found" ] || exit 0
    IFS=$newline
    set -f
    set --
    for file in $(grep -zc "" $found /dev/null); do
      case $file in *:0 | *:1) set -- "$@" "${file%:*}" ;; esac
    done
    unset IFS
    grep -nH $flags -e "$pattern" "$@" /dev/null' sh {} + 2>/dev/null
fi
find "$start" "$@" -type f -path "$odd" -exec sh -c '
  for file do
    if [ -z "$skips_binary" ] && [ "$(grep -zc "" "$file")" -gt 1 ]; then continue; fi
    printf "%s name %s %s\n" "$nonce" "$file" "$nonce"
    grep -n $flags -e "$pattern" "$file"
    printf "%s end\n" "$nonce"
  done' sh {} + 2>/dev/null
exit 0
