# Removes the state of a session that could not be opened.
rm -rf "${XDG_STATE_HOME:-${HOME:-/tmp}/.local/state}/mooring/$session"
printf '%s\n' "$nonce"
