import { spawn } from "node:child_process";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { requires } from "../support/requires.js";
import { Testbed, type Login } from "../support/sshd/testbed.js";
import { destinationFor } from "./destinations.js";
import { useTestbed } from "./login/use-testbed.js";

const fromSource = ["--conditions=@mooring/source", "--import", "tsx"];
const within = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const terminal = within("packages/cli/test/fixtures/terminal.py");

interface Ran {
  readonly code: number | null;
  readonly output: string;
}

function run(
  program: string,
  args: readonly string[],
  options: { home: string; cwd?: string; input?: string },
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd ?? within("test"),
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...process.env, HOME: options.home, TERM: "xterm", NO_COLOR: "" },
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, output }));
    child.stdin.end(options.input ?? "");
  });
}

describe.runIf(requires("sshd", "root"))("over SSH, with aliases of ~/.ssh/config alone,", () => {
  const use = useTestbed();

  /** An account, the alias `box` for it, and its server's keys among the known hosts. */
  async function boxAt(kind: string): Promise<Login> {
    const login = await use.bed.login({ kind });
    const folder = join(use.home, ".ssh");
    await mkdir(folder, { mode: 0o700 });
    await writeFile(join(folder, "config"), aliasFor("box", use.bed, login));
    await writeFile(join(folder, "known_hosts"), use.bed.sshd.knownHosts());
    return login;
  }

  it("`mooring exec` runs a command there and exits as it did", { timeout: 60_000 }, async () => {
    const { root, account } = await boxAt("exec");
    const main = within("packages/cli/src/main.ts");
    const args = [...fromSource, main, "exec", `ssh://box${root}`, "--", "sh", "-c", "id -un; pwd; cat; exit 7"];
    const { code, output } = await run(process.execPath, args, { home: use.home, input: "given" });
    expect(output).toBe(`${account.name}\n${root}\ngiven`);
    expect(code).toBe(7);
  });

  it.runIf(requires("python3"))("`mooring shell` is a shell on a terminal there", { timeout: 60_000 }, async () => {
    const { root } = await boxAt("shell");
    const main = within("packages/cli/src/main.ts");
    const args = [terminal, "101x31", process.execPath, ...fromSource, main, "shell", `ssh://box${root}`];
    const steps = ["send stty size; pwd\\n", "wait 31 101", `wait ${root}`, "send test -t 0 && exit 42\\n"].join("\n");
    const { code, output } = await run("python3", args, { home: use.home, input: steps });
    expect(code, output).toBe(42);
  });

  it("the main job does all its steps there, and leaves no process", { timeout: 120_000 }, async () => {
    const { root } = await boxAt("job");
    const cwd = within("examples/main-job");
    const args = [...fromSource, "src/main.ts", `ssh://box${root}`];
    const { code, output } = await run(process.execPath, args, { home: use.home, cwd });
    expect(output).toContain("0 processes left");
    expect(code, output).toBe(0);
  });

  it("a program that has done its work ends, though its connections are kept", { timeout: 60_000 }, async () => {
    await using bastion = await Testbed.start();
    const { config } = destinationFor(bastion.sshd, await bastion.login({ kind: "through" }));
    const { root: _, configFile: __, ...hop } = config;
    const destination = destinationFor(use.bed.sshd, await use.bed.login({ kind: "kept" }), { proxyJump: [hop] });
    const args = [...fromSource, "ssh/fixtures/one-session.ts", JSON.stringify(destination)];
    const { code, output } = await run(process.execPath, args, { home: use.home });
    expect(code, output).toBe(0);
  });

  it("the example goes through another machine", { timeout: 120_000 }, async () => {
    await using bastion = await Testbed.start();
    const hop = await bastion.login({ kind: "bastion" });
    const { root } = await boxAt("inner");
    const folder = join(use.home, ".ssh");
    const aliases = aliasFor("bastion", bastion, hop);
    await writeFile(join(folder, "config"), aliases, { flag: "a" });
    await writeFile(join(folder, "known_hosts"), bastion.sshd.knownHosts(), { flag: "a" });
    await chmod(folder, 0o700);
    const args = [...fromSource, "src/main.ts", "--through", "bastion", `ssh://box${root}`];
    const { code, output } = await run(process.execPath, args, { home: use.home, cwd: within("examples/jump-host") });
    expect(output).toContain("Hello from the other side.\nLinux\n");
    expect(code, output).toBe(0);
  });
});

function aliasFor(alias: string, { sshd }: Testbed, { account, key }: Login): string {
  const settings = [
    `HostName ${sshd.host}`,
    `Port ${sshd.port}`,
    `User ${account.name}`,
    `IdentityFile ${key.file}`,
    "IdentityAgent none",
  ];
  return [`Host ${alias}`, ...settings.map((line) => `  ${line}`), ""].join("\n");
}
