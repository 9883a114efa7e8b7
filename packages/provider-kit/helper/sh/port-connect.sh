# Both ways at once, the end of each way passed on. `nc` is silent when it is connected, so look for a listener first.
hex=$(printf '%04X' "$port")
listens() {
  [ -r /proc/net/tcp ] || {
    nc -z 127.0.0.1 "$port" >/dev/null 2>&1
    return
  }
  for table in /proc/net/tcp /proc/net/tcp6; do
    [ -r "$table" ] || continue
    while read -r number local remote state rest; do
      case $local:$state in *":$hex:0A") return 0 ;; esac
    done <"$table"
  done
  return 1
}
listens || fail unavailable
printf '%s\n' "$nonce"
exec nc $flags 127.0.0.1 "$port"
