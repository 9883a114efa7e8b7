import { createServer, type Socket } from "node:net";
import { type Duplex, Readable, Writable } from "node:stream";
import type { ReadableStream as NodeReadableStream } from "node:stream/web";
import { pipeline } from "node:stream/promises";
import { type RunnerConnection, RunnerError } from "@mooring/api";

/** A listener on this host that passes each connection on. */
export interface PortForward {
  readonly localPort: number;
  close(): Promise<void>;
}

/** Ways to the port over there. */
export interface FarPort {
  /** A stream, where there is a way for streams. */
  dial(): Promise<Duplex | undefined>;
  connect(): Promise<RunnerConnection>;
}

/** Listens on a free port of 127.0.0.1, and nowhere else. */
export async function openForward(far: FarPort): Promise<PortForward> {
  const sockets = new Set<Socket>();
  // A client that has sent its request and closes its half still waits for the answer.
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
    void passOn(socket, far);
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

async function passOn(socket: Socket, far: FarPort): Promise<void> {
  socket.setNoDelay(true);
  try {
    const stream = await far.dial();
    if (stream === undefined) await passOnByConnection(socket, await far.connect());
    else await passOnByStream(socket, stream);
  } catch {
    // Nobody is there, or it went away before anything was passed on.
    socket.resetAndDestroy();
  }
}

async function passOnByStream(socket: Socket, stream: Duplex): Promise<void> {
  try {
    await Promise.all([pipeline(socket, stream), pipeline(stream, socket)]);
  } catch {
    socket.destroy();
  } finally {
    stream.destroy();
  }
}

async function passOnByConnection(socket: Socket, connection: RunnerConnection): Promise<void> {
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
