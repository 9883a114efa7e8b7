import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import ssh2, { type Client, type SFTPWrapper } from "ssh2";
import type { SshContender, SshLane } from "./ssh-contender.js";

const requireContender = createRequire(new URL("../../contenders/package.json", import.meta.url));

/** `ssh2` itself: one connection without delay, a channel for each command, SFTP for files. */
export async function bareSsh2(lane: SshLane): Promise<SshContender> {
  const client = await connected(lane);
  const sftp = await new Promise<SFTPWrapper>((resolve, reject) =>
    client.sftp((error, opened) => (error === undefined ? resolve(opened) : reject(error))),
  );
  const forwards: ReturnType<typeof createServer>[] = [];
  return {
    name: "ssh2",
    async run(line) {
      let text = "";
      await executed(client, line, (bytes) => (text += bytes.toString()));
      return text;
    },
    async drain(line) {
      let bytes = 0;
      await executed(client, line, (chunk) => (bytes += chunk.byteLength));
      return bytes;
    },
    read: (name) =>
      new Promise((resolve, reject) =>
        sftp.readFile(join(lane.workspace, name), (error, bytes) =>
          error ? reject(error) : resolve(bytes.byteLength),
        ),
      ),
    write: (name, contents) =>
      new Promise((resolve, reject) =>
        sftp.writeFile(join(lane.workspace, name), contents, (error) => (error ? reject(error) : resolve())),
      ),
    async expose(port) {
      const server = createServer({ noDelay: true }, (socket) => {
        client.forwardOut("127.0.0.1", 0, "127.0.0.1", port, (error, channel) => {
          if (error === undefined) socket.pipe(channel).pipe(socket);
          else socket.destroy();
        });
      }).listen(0, "127.0.0.1");
      forwards.push(server);
      await once(server, "listening");
      return (server.address() as AddressInfo).port;
    },
    async close() {
      for (const server of forwards) server.close();
      client.end();
    },
  };
}

interface NodeSsh {
  NodeSSH: new () => {
    connect(options: object): Promise<unknown>;
    execCommand(line: string): Promise<{ stdout: string; code: number | null }>;
    dispose(): void;
  };
}

export async function nodeSsh(lane: SshLane): Promise<SshContender> {
  const { NodeSSH } = (await import(pathToFileURL(requireContender.resolve("node-ssh")).href)) as NodeSsh;
  const client = new NodeSSH();
  await client.connect({ host: lane.host, port: lane.port, username: lane.user, privateKeyPath: lane.keyFile });
  return {
    name: "node-ssh",
    async run(line) {
      const { stdout, code } = await client.execCommand(line);
      if (code !== 0) throw new Error(`${line} exited with ${code}`);
      return stdout;
    },
    async close() {
      client.dispose();
    },
  };
}

async function connected(lane: SshLane): Promise<Client> {
  const client = new ssh2.Client();
  client.connect({
    host: lane.host,
    port: lane.port,
    username: lane.user,
    privateKey: await readFile(lane.keyFile),
    hostVerifier: () => true,
    algorithms: { cipher: ["aes128-gcm@openssh.com"] },
  });
  await once(client, "ready");
  (client as unknown as { readonly _sock: Socket })._sock.setNoDelay(true);
  return client;
}

/** Runs a line to its end. All in the callback: an exit may come in the same turn as the channel. */
function executed(client: Client, line: string, onData: (bytes: Buffer) => void): Promise<void> {
  return new Promise((resolve, reject) =>
    client.exec(line, (error, channel) => {
      if (error !== undefined) return reject(error);
      let exitCode: number | null = null;
      channel.on("data", onData);
      channel.stderr.resume();
      channel.once("exit", (code: number | null) => {
        exitCode = code;
      });
      channel.once("close", () => {
        if (exitCode === 0) resolve();
        else reject(new Error(`A command exited with ${exitCode}`));
      });
    }),
  );
}
