import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server as NetServer, type Socket } from "node:net";
import ssh2, { type AuthContext, type Connection } from "ssh2";
import { runWithLies } from "./lying-helper.js";
import type { FramePersona, Persona, RawPersona, SshPersona } from "./persona.js";
import { Wire } from "./wire.js";

/** What a server saw of its clients. */
export interface HostileCounts {
  /** Connections so far. */
  connections: number;
  /** Channels that the server opened unasked, and a client took. */
  taken: number;
}

/** One hostile server, on loopback. */
export interface HostileServer {
  readonly persona: Persona;
  readonly port: number;
  readonly counts: HostileCounts;
}

/** Starts a server that is as hostile as its persona. `home` is where what a client runs may write. */
export async function startHostileServer(persona: Persona, hostKeyFile: string, home: string): Promise<HostileServer> {
  const counts: HostileCounts = { connections: 0, taken: 0 };
  const server =
    persona.kind === "raw" ? rawServer(persona, counts) : sshServer(persona, counts, readFileSync(hostKeyFile), home);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { persona, port: (server.address() as AddressInfo).port, counts };
}

function rawServer(persona: RawPersona, counts: HostileCounts): NetServer {
  return createServer((socket) => {
    counts.connections += 1;
    socket.on("error", () => {});
    // What the client says is read and dropped.
    socket.resume();
    persona.serve(socket);
  });
}

function sshServer(
  persona: SshPersona | FramePersona,
  counts: HostileCounts,
  hostKey: Buffer,
  home: string,
): ssh2.Server {
  return new ssh2.Server({ hostKeys: [hostKey] }, (connection) => {
    counts.connections += 1;
    noDelay(connection);
    connection.on("error", () => {});
    const wire = new Wire(connection);
    const hostile: Omit<SshPersona, "kind" | "name"> =
      persona.kind === "ssh"
        ? persona
        : { exec: (accept, _reject, command) => void runWithLies(accept(), command, persona, home) };
    serve(connection, wire, hostile, counts, home);
  });
}

/** Where a persona does nothing about commands, they run as they would. */
const honest: FramePersona = { kind: "frames", name: "honest", liar: () => (frame) => [frame.whole] };

function serve(
  connection: Connection,
  wire: Wire,
  hostile: Omit<SshPersona, "kind" | "name">,
  counts: HostileCounts,
  home: string,
): void {
  connection.on("authentication", (context: AuthContext) => {
    if (hostile.authenticate === undefined) context.accept();
    else hostile.authenticate(context, connection, wire);
  });
  connection.on("ready", () => {
    countTaken(connection, counts);
    hostile.ready?.(connection, wire);
  });
  connection.on("request", (accept, reject) => {
    if (hostile.answersRequests !== false) (accept ?? reject)?.();
  });
  connection.on("session", (accept, reject) => {
    const take = () => {
      const session = accept();
      session.on("exec", (acceptExec, rejectExec, { command }) => {
        if (hostile.exec === undefined) runWithLies(acceptExec(), command, honest, home);
        else hostile.exec(acceptExec, () => rejectExec(), command);
      });
    };
    if (hostile.channel === undefined) take();
    else hostile.channel(take, () => reject(), wire);
  });
}

/** Counts confirmations of channels: a client that gives one has taken what it did not ask for. */
function countTaken(connection: Connection, counts: HostileCounts): void {
  const { _protocol: protocol } = connection as unknown as {
    readonly _protocol: { readonly _handlers: Record<string, ((...args: unknown[]) => void) | undefined> };
  };
  const { CHANNEL_OPEN_CONFIRMATION: original } = protocol._handlers;
  protocol._handlers["CHANNEL_OPEN_CONFIRMATION"] = (...args) => {
    counts.taken += 1;
    original?.(...args);
  };
}

function noDelay(connection: Connection): void {
  (connection as unknown as { readonly _sock?: Socket })._sock?.setNoDelay(true);
}
