# Both ways at once, the end of each way passed on.
answer
exec nc $flags 127.0.0.1 "$port"
