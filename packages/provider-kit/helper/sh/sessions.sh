# Every session that left a record: its directory, whether its owner lives, and the record.
printf '%s\n' "$nonce"
for directory in "$states"/*; do
  { IFS= read -r record <"$directory/record"; } 2>/dev/null || continue
  if is_owned "$directory"; then alive=alive; else alive=idle; fi
  printf '%s %s %s %s\n' "${directory##*/}" "$alive" "$record" "$nonce"
done
