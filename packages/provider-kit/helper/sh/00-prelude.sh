# First part of every script. The script is in argv, for all to see; what it works on comes as one line of shell source
# on standard input, so that no value is ever in an argument list. `read` takes no byte beyond its line.
login_lc_all=${LC_ALL-} login_tz=${TZ-} login_quoting_style=${QUOTING_STYLE-}
LC_ALL=C TZ=UTC0 QUOTING_STYLE=literal
export LC_ALL TZ QUOTING_STYLE
unset CDPATH
newline='
'
# A code or an errno, then words. What was written before it does not count.
fail() {
  printf '%s error %s\n' "$nonce" "$1" >&2
  exit 125
}
IFS= read -r line || exit 125
eval "$line"
