import type { RemoteRunnerSession } from "@mooring/api";
import { download, upload } from "@mooring/provider-kit/local";
import { ssh } from "@mooring/ssh";
import type { SshContender, SshLane } from "./ssh-contender.js";

export function openSession(lane: SshLane, provider = ssh()): Promise<RemoteRunnerSession> {
  const { host, port, user, keyFile, hostKey, workspace } = lane;
  return provider.createSession({
    id: "bench",
    providerId: provider.id,
    config: {
      host,
      port,
      user,
      root: workspace,
      identityFile: keyFile,
      identityAgent: "none",
      hostKey,
      configFile: false,
      confinement: "none",
    },
    defaultManifest: { entries: [], mounts: [] },
  });
}

export async function mooringSsh(lane: SshLane): Promise<SshContender> {
  const session = await openSession(lane);
  return {
    name: "mooring",
    async run(line) {
      const { exit, stdout } = await session.commands.run({ script: line });
      if (exit.kind !== "code" || exit.code !== 0) throw new Error(`${line} ended with ${JSON.stringify(exit)}`);
      return stdout.text();
    },
    async read(name) {
      return (await session.files.read(name)).contents.byteLength;
    },
    async write(name, contents) {
      await session.files.write(name, contents);
    },
    async replace(name, contents) {
      await session.files.write(name, contents);
    },
    async drain(line) {
      let bytes = 0;
      const command = await session.commands.start({ script: line, output: "stream" });
      for await (const chunk of command.output) bytes += chunk.bytes.byteLength;
      return bytes;
    },
    async upload(from, to) {
      await upload(session, from, to);
    },
    async send(from, to) {
      await upload(session, from, to);
    },
    async fetch(from, to) {
      await download(session, from, to);
    },
    async expose(port) {
      const { url } = await session.ports.expose({ port });
      return Number(new URL(url ?? "").port);
    },
    async close() {
      await session.destroy();
    },
  };
}
