import { readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import type { RemoteRunnerSession } from "@mooring/api";
import { ssh } from "@mooring/ssh";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { requires } from "../../support/requires.js";
import { readEntry } from "../../support/sshd/processes.js";
import { type Login, type LoginOptions, Testbed } from "../../support/sshd/testbed.js";
import { destinationFor } from "../destinations.js";

/** Each reading of a start-up file leaves a line. */
const counted = 'echo read >> "$HOME/read"; echo noise; echo noise >&2; printf "\\033[31mcolour\\n"\n';

const shells: readonly LoginOptions[] = [
  { kind: "noisy", files: { ".bashrc": counted, ".bash_profile": counted, ".profile": counted } },
  { kind: "fish", shell: "/usr/bin/fish", files: { ".config/fish/config.fish": counted } },
  { kind: "restricted", shell: "/bin/rbash", files: { ".bashrc": counted } },
];

/** The hubs of an account. */
function hubsOf({ account }: Login): number[] {
  return account.processes().filter((pid) => readEntry(pid)?.name === "mooring-hub");
}

describe.runIf(requires("sshd", "root", "fish", "busybox"))("sessions that share a connection", () => {
  let bed: Testbed;
  beforeAll(async () => {
    bed = await Testbed.start();
  });
  afterAll(() => bed[Symbol.asyncDispose]());

  async function opened(login: Login, count: number, provider = ssh()): Promise<RemoteRunnerSession[]> {
    const destination = destinationFor(bed.sshd, login);
    return Promise.all(Array.from({ length: count }, () => provider.createSession(destination)));
  }

  async function saying(sessions: readonly RemoteRunnerSession[]): Promise<string[]> {
    const runs = sessions.map((session, index) => session.commands.run({ script: `echo ${index}` }));
    return (await Promise.all(runs)).map(({ stdout }) => stdout.text());
  }

  const destroyed = (sessions: readonly RemoteRunnerSession[]) =>
    Promise.all(sessions.map((session) => session.destroy()));

  it.each(shells)("start by the shell of $kind, twice in all, whatever it prints", async (shell) => {
    const login = await bed.login(shell);
    const sessions = await opened(login, 5);
    expect(await saying(sessions)).toEqual(["0\n", "1\n", "2\n", "3\n", "4\n"]);
    expect(hubsOf(login).length).toBe(1);
    await destroyed(sessions);
    const read = await readFile(join(login.account.localHome, "read"), "utf8").catch(() => "");
    expect(read.split("\n").filter(Boolean).length).toBeLessThanOrEqual(2);
  });

  it("are as many as one likes, on one connection", async () => {
    await using alone = await Testbed.start();
    const destination = destinationFor(alone.sshd, await alone.login({ kind: "crowd" }));
    const provider = ssh({ idleConnectionMs: 100 });
    const sessions = await Promise.all(Array.from({ length: 40 }, () => provider.createSession(destination)));
    expect(alone.sshd.connections().length).toBe(1);
    expect(await saying(sessions)).toEqual(sessions.map((_session, index) => `${index}\n`));
    await destroyed(sessions);
    // The hub does not keep it open.
    await expect.poll(() => alone.sshd.connections().length, { timeout: 10_000 }).toBe(0);
  });

  it("see the same environment, whichever way they came", async () => {
    const login = await bed.login({ kind: "alike" });
    const sessions = await opened(login, 3);
    const environments = await Promise.all(
      sessions.map(async (session) => {
        const { stdout } = await session.commands.run({ script: "env | sort; umask; pwd; cat /proc/self/limits" });
        return stdout.text().replaceAll(/(\/mooring[-/])[0-9a-f]{16,32}/g, "$1");
      }),
    );
    expect(environments[0]).not.toMatch(/^SSH_/m);
    expect(environments[1]).toBe(environments[0]);
    expect(environments[2]).toBe(environments[0]);
    await destroyed(sessions);
  });

  it("do without the hub where there is no Perl", async () => {
    const sessions = await opened(await bed.busyboxLogin(), 4);
    expect(await saying(sessions)).toEqual(["0\n", "1\n", "2\n", "3\n"]);
    await destroyed(sessions);
  });

  it("have connections of their own where the server opens one channel a connection", async () => {
    const login = await bed.login({ kind: "single", lines: ["MaxSessions 1"] });
    const sessions = await opened(login, 4);
    expect(await saying(sessions)).toEqual(["0\n", "1\n", "2\n", "3\n"]);
    await destroyed(sessions);
  });

  it("are told when the hub is killed, and those that come later have one again", async () => {
    const login = await bed.login({ kind: "severed" });
    const provider = ssh();
    const [own, ...others] = await opened(login, 4, provider);
    const [hub = 0] = hubsOf(login);
    process.kill(hub, "SIGKILL");
    for (const session of others) expect(await session.ended).toMatchObject({ reason: "lost" });
    if (own === undefined) throw new Error("a session was expected");
    const more = await opened(login, 4, provider);
    expect(await saying([own, ...more])).toEqual(["0\n", "1\n", "2\n", "3\n", "4\n"]);
    expect(hubsOf(login).length).toBe(1);
    await destroyed([own, ...more]);
  });

  it("are refused one by one where a login has no shell", async () => {
    const login = await bed.login({ kind: "shellless", lines: ["ForceCommand internal-sftp"] });
    const provider = ssh();
    const destination = destinationFor(bed.sshd, login);
    const outcomes = await Promise.allSettled(Array.from({ length: 3 }, () => provider.createSession(destination)));
    for (const outcome of outcomes) expect(outcome).toMatchObject({ reason: { code: "unsupported" } });
  });
});
