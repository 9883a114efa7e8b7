# Names with a colon or a line feed cannot be told from what follows them, so those few files are searched one by one.
walk "$path" 1
missing_leaf
start=. kind=tree
if [ -d "./$leaf" ]; then [ "$leaf" = . ] || descend "$leaf"; else start=./$leaf kind=file; fi
[ -r "$start" ] || fail EACCES
: | grep $flags -e "$pattern" >/dev/null 2>&1
[ $? -le 1 ] || fail 'invalid_request expected `pattern` to be a regular expression that the runner can read'
answer
echo "$kind"
odd="*[:$newline]*"
export nonce flags pattern
find "$start" "$@" -type f ! -path "$odd" -exec grep -nH $flags -e "$pattern" {} + 2>/dev/null
find "$start" "$@" -type f -path "$odd" -exec sh -c '
  for file do
    printf "%s name %s %s\n" "$nonce" "$file" "$nonce"
    grep -n $flags -e "$pattern" "$file"
    printf "%s end\n" "$nonce"
  done' sh {} + 2>/dev/null
exit 0
