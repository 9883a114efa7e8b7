import { createServer, type Socket } from "node:net";
import { Readable, Writable } from "node:stream";
import type { ReadableStream as NodeReadableStream } from "node:stream/web";
import { pipeline } from "node:stream/promises";
import { type RunnerConnection, RunnerError } from "@mooring/api";

/** A listener on this host that passes each connection on. */
export interface PortForward {
  readonly localPort: number;
  close(): Promise<void>;
}

/** Listens on a free port of 127.0.0.1, and nowhere else. */
export async function openForward(connect: () => Promise<RunnerConnection>): Promise<PortForward> {
  const sockets = new Set<Socket>();
  // A client that has sent its request and closes its half still waits for the answer.
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
    connect().then(
      (connection) => void passOn(socket, connection),
      () => socket.resetAndDestroy(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) =>
      reject(
        new RunnerError("unavailable", "No local port could be opened to forward from", { resource: "port", cause }),
      ),
    );
    server.listen({ host: "127.0.0.1", port: 0 }, resolve);
  });
  // A forgotten exposure must not keep the program from ending.
  server.unref();
  const address = server.address();
  const localPort = typeof address === "object" && address !== null ? address.port : 0;
  return {
    localPort,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

async function passOn(socket: Socket, connection: RunnerConnection): Promise<void> {
  const directions = [
    pipeline(socket, Writable.fromWeb(connection.writable)),
    pipeline(Readable.fromWeb(connection.readable as NodeReadableStream), socket),
  ];
  try {
    await Promise.all(directions);
  } catch {
    socket.destroy();
  } finally {
    await connection[Symbol.asyncDispose]();
  }
}
