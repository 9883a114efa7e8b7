import { randomBytes } from "node:crypto";
import { escapes, writeForEver } from "../flooding.js";
import type { RawPersona } from "../persona.js";

const greeting = "SSH-2.0-OpenSSH_9.2p1\r\n";

function raw(name: string, serve: RawPersona["serve"]): RawPersona {
  return { kind: "raw", name, serve };
}

/** Those that do not get as far as keys. */
export const rawPersonas: readonly RawPersona[] = [
  raw("says-nothing", () => {}),
  raw("hangs-up", (socket) => socket.destroy()),
  raw("resets", (socket) => socket.resetAndDestroy()),
  raw("greets-and-hangs-up", (socket) => socket.end(greeting)),
  raw("greets-and-falls-silent", (socket) => void socket.write(greeting)),
  raw(
    "lines-without-end-before-the-greeting",
    (socket) => void writeForEver(socket, "Welcome, and read on.\r\n".repeat(500)),
  ),
  raw("one-line-without-end", (socket) => void writeForEver(socket, Buffer.alloc(65_536, "x"))),
  raw("garbage-after-the-greeting", (socket) => {
    socket.write(greeting);
    void writeForEver(socket, randomBytes(65_536));
  }),
  raw("speaks-http", (socket) => socket.end("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")),
  raw("speaks-ssh-1", (socket) => socket.end("SSH-1.5-1.2.27\r\n")),
  raw("greets-with-escape-sequences", (socket) => socket.end(`SSH-1.99 ${escapes}\r\n`)),
  raw("promises-a-packet-of-4-gigabytes", (socket) => {
    socket.write(greeting);
    socket.write(Buffer.from("ffffffff0a14", "hex"));
    void writeForEver(socket, Buffer.alloc(65_536));
  }),
  raw("one-byte-at-a-time", (socket) => {
    const bytes = Array.from(Buffer.from(greeting.repeat(20)));
    const timer = setInterval(() => void socket.write(Buffer.of(bytes.shift() ?? 0)), 200);
    socket.once("close", () => clearInterval(timer));
  }),
];
