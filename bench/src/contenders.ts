import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { lstat, open, readdir, readFile, rename } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { unixLocal } from "@mooring/unix-local";
import { type Contender, type OpenContender, shellLine } from "./contender.js";

const requireContender = createRequire(new URL("../contenders/package.json", import.meta.url));

async function importContender<Module>(specifier: string): Promise<Module> {
  return (await import(pathToFileURL(requireContender.resolve(specifier)).href)) as Module;
}

/** Mooring, with commands confined or not. */
export function mooring(confinement: "none" | "workspace-write"): OpenContender {
  return async (workspace) => {
    const provider = unixLocal();
    const session = await provider.createSession({
      id: "bench",
      providerId: provider.id,
      config: { root: workspace, confinement },
      defaultManifest: { entries: [], mounts: [] },
    });
    return {
      name: confinement === "none" ? "mooring" : "mooring, confined",
      async run(program, args) {
        const result = await session.commands.run({ program, args });
        if (result.exit.kind !== "code" || result.exit.code !== 0) {
          throw new Error(`${program} ended with ${JSON.stringify(result.exit)}`);
        }
        return result.stdout.text();
      },
      async read(name) {
        return (await session.files.read(name)).contents;
      },
      async write(name, contents) {
        await session.files.write(name, contents);
      },
      async list(name) {
        let count = 0;
        for await (const info of session.files.list(name)) count += info.type === "file" ? 1 : 0;
        return count;
      },
      async close() {
        await session.destroy();
      },
    };
  };
}

/** Node itself: `child_process.spawn`, and `fs` with the same guarantees as an atomic write. */
export const node: OpenContender = async (workspace): Promise<Contender> => ({
  name: "node",
  run: (program, args) =>
    new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      const child = spawn(program, args, { cwd: workspace, stdio: ["ignore", "pipe", "pipe"] });
      child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
      child.stderr.resume();
      child.once("error", reject);
      child.once("close", (code) => {
        if (code === 0) resolve(Buffer.concat(chunks).toString());
        else reject(new Error(`${program} exited with ${code}`));
      });
    }),
  read: (name) => readFile(join(workspace, name)),
  async write(name, contents) {
    const temporary = join(workspace, `.${randomBytes(16).toString("hex")}`);
    const file = await open(temporary, "wx");
    await file.writeFile(contents);
    await file.sync();
    await file.close();
    await rename(temporary, join(workspace, name));
    const directory = await open(workspace, "r");
    await directory.sync();
    await directory.close();
  },
  async list(name) {
    const entries = await readdir(join(workspace, name), { withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    await Promise.all(files.map((entry) => lstat(join(entry.parentPath, entry.name))));
    return files.length;
  },
  close: async () => {},
});

interface Execa {
  execa(
    program: string,
    args: readonly string[],
    options: { cwd: string; stdin: "ignore" },
  ): Promise<{ stdout: string }>;
}

export const execa: OpenContender = async (workspace) => {
  const module = await importContender<Execa>("execa");
  return {
    name: "execa",
    async run(program, args) {
      return (await module.execa(program, args, { cwd: workspace, stdin: "ignore" })).stdout;
    },
    close: async () => {},
  };
};

interface OpenAiSandbox {
  UnixLocalSandboxClient: new (options: { workspaceBaseDir: string }) => {
    create(): Promise<{
      state: { workspaceRootPath: string };
      exec(request: { cmd: string; login: boolean }): Promise<{
        stdout: string;
        exitCode?: number | null;
      }>;
      readFile(request: { path: string }): Promise<Uint8Array>;
      materializeEntry(request: { path: string; entry: { type: "file"; content: string } }): Promise<void>;
      close(): Promise<void>;
    }>;
  };
}

/** The OpenAI Agents SDK's sandbox for this machine. It makes a workspace of its own. */
export const openAiUnixLocal: OpenContender = async (workspace) => {
  const module = await importContender<OpenAiSandbox>("@openai/agents/sandbox/local");
  const client = new module.UnixLocalSandboxClient({ workspaceBaseDir: workspace });
  const session = await client.create();
  return {
    name: "openai unix-local",
    async run(program, args) {
      const result = await session.exec({ cmd: shellLine(program, args), login: false });
      if (result.exitCode !== 0) throw new Error(`${program} exited with ${result.exitCode}`);
      return result.stdout;
    },
    read: (name) => session.readFile({ path: name }),
    async write(name, contents) {
      await session.materializeEntry({
        path: name,
        entry: { type: "file", content: Buffer.from(contents).toString() },
      });
    },
    close: () => session.close(),
  };
};

interface MastraWorkspace {
  LocalSandbox: new (options: { workingDirectory: string; env: NodeJS.ProcessEnv }) => {
    start(): Promise<void>;
    executeCommand(program: string, args: readonly string[]): Promise<{ stdout: string; exitCode: number }>;
    destroy(): Promise<void>;
  };
}

/** Mastra's sandbox for this machine. It wants a newer Node than 20. */
export const mastraLocal: OpenContender = async (workspace) => {
  const module = await importContender<MastraWorkspace>("@mastra/core/workspace");
  const sandbox = new module.LocalSandbox({
    workingDirectory: workspace,
    env: { PATH: process.env["PATH"] },
  });
  await sandbox.start();
  return {
    name: "mastra local",
    async run(program, args) {
      const result = await sandbox.executeCommand(program, args);
      if (result.exitCode !== 0) throw new Error(`${program} exited with ${result.exitCode}`);
      return result.stdout;
    },
    close: () => sandbox.destroy(),
  };
};
