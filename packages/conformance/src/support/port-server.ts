import type { RunnerCommandRequest } from "@mooring/api";
import type { ToolName } from "./tools.js";

/** A server for one port that answers each line with `echo: ` and the line; it prints `port N` when it listens. */
const perlServer = String.raw`
use Socket; $| = 1;
socket(S, PF_INET, SOCK_STREAM, 0) or die; setsockopt(S, SOL_SOCKET, SO_REUSEADDR, pack('l', 1));
bind(S, sockaddr_in(0, INADDR_LOOPBACK)) or die; listen(S, 16) or die;
my ($port) = sockaddr_in(getsockname(S)); print "port $port\n"; $SIG{CHLD} = 'IGNORE';
while (accept(C, S)) { if (fork) { close C; next } close S; select(C); $| = 1;
  while (defined(my $line = <C>)) {
    if ($line =~ m{^GET }) { while (defined(my $h = <C>) ) { last if $h =~ /^\r?\n$/ } print C "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello"; last }
    if ($line eq "bytes\n") { print C pack('C*', 0..255); last }
    print C "echo: $line" } close C; exit 0 }
`;

const pythonServer = String.raw`
import socket, threading, sys
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(('127.0.0.1', 0)); s.listen(16)
print('port %d' % s.getsockname()[1], flush=True)
def serve(c):
    f = c.makefile('rwb')
    for line in f:
        if line.startswith(b'GET '):
            while f.readline() not in (b'\r\n', b'\n', b''): pass
            f.write(b'HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello'); f.flush(); break
        if line == b'bytes\n': f.write(bytes(range(256))); f.flush(); break
        f.write(b'echo: ' + line); f.flush()
    f.close(); c.close()
while True:
    threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()
`;

/** The command that serves, by whichever language is there. */
export function portServer(tools: ReadonlySet<ToolName>): RunnerCommandRequest | undefined {
  if (tools.has("perl")) return { program: "perl", args: ["-e", perlServer] };
  if (tools.has("python3")) return { program: "python3", args: ["-c", pythonServer] };
  return undefined;
}
