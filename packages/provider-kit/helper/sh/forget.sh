# Removes the states of sessions that nobody owns, and tells of each what became of it.
printf '%s\n' "$nonce"
for session do
  if is_owned "$states/$session"; then
    printf 'kept %s %s\n' "$session" "$nonce"
  else
    remove_unfinished "$states/$session"
    rm -rf "${states:?}/$session"
    printf 'removed %s %s\n' "$session" "$nonce"
  fi
done
