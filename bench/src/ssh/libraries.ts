import { once } from "node:events";
import type { Dirent } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { createRequire } from "node:module";
import { join, relative } from "node:path";
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
    read: async (name) => {
      const bytes = await told<Buffer>((done) => sftp.readFile(join(lane.workspace, name), done));
      return bytes.byteLength;
    },
    write: (name, contents) => told<void>((done) => sftp.writeFile(join(lane.workspace, name), contents, done)),
    async replace(name, contents) {
      const temporary = join(lane.workspace, `${name}.new`);
      const handle = await told<Buffer>((done) => sftp.open(temporary, "w", done));
      await told<void>((done) => sftp.write(handle, contents, 0, contents.byteLength, 0, done));
      await told<void>((done) => sftp.ext_openssh_fsync(handle, done));
      await told<void>((done) => sftp.close(handle, done));
      await told<void>((done) => sftp.ext_openssh_rename(temporary, join(lane.workspace, name), done));
    },
    send: (from, to) => told<void>((done) => sftp.fastPut(from, join(lane.workspace, to), done)),
    fetch: (from, to) => told<void>((done) => sftp.fastGet(join(lane.workspace, from), to, done)),
    async upload(from, to) {
      const names = await readdir(from, { recursive: true, withFileTypes: true });
      const place = (entry: Dirent) => join(lane.workspace, to, relative(from, join(entry.parentPath, entry.name)));
      await told<void>((done) => sftp.mkdir(join(lane.workspace, to), done)).catch(() => undefined);
      for (const entry of names.filter((one) => one.isDirectory())) {
        await told<void>((done) => sftp.mkdir(place(entry), done)).catch(() => undefined);
      }
      const files = names.filter((one) => one.isFile());
      await Promise.all(
        Array.from({ length: 16 }, async () => {
          for (let entry = files.pop(); entry !== undefined; entry = files.pop()) {
            const one = entry;
            await told<void>((done) => sftp.fastPut(join(one.parentPath, one.name), place(one), done));
          }
        }),
      );
    },
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

/** A call that tells its end to a callback. */
function told<Value>(work: (done: (error: Error | undefined | null, value?: unknown) => void) => void): Promise<Value> {
  return new Promise((resolve, reject) => {
    work((error, value) => (error ? reject(error) : resolve(value as Value)));
  });
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
