walk "$path" "$follow"
missing_leaf
[ -z "$directory" ] || [ -d "./$leaf" ] || fail ENOTDIR
answer
printf '%s %s\n' "$PWD" "$nonce"
exec stat "$stat_option" "$format" "./$leaf"
