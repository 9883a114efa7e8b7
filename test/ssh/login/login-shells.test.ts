import { readFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { ssh } from "@mooring/ssh";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { processesWithVariable } from "../../support/sshd/processes.js";
import { type LoginOptions, Testbed } from "../../support/sshd/testbed.js";
import { requires } from "../../support/requires.js";
import { destinationFor } from "../destinations.js";

/** Each reading of a start-up file leaves a line. */
const counted = 'echo read >> "$HOME/read"; echo noise; echo noise >&2; printf "\\033[31mcolour\\n"\n';

const shells: readonly LoginOptions[] = [
  { kind: "noisy", files: { ".bashrc": counted, ".bash_profile": counted, ".profile": counted } },
  { kind: "slow", files: { ".bashrc": `sleep 0.5\n${counted}` } },
  { kind: "fish", shell: "/usr/bin/fish", files: { ".config/fish/config.fish": counted } },
  { kind: "dash", shell: "/bin/dash", files: { ".profile": counted } },
  { kind: "restricted", shell: "/bin/rbash", files: { ".bashrc": counted } },
];

describe.runIf(requires("sshd", "root", "fish"))("a login whose shell", () => {
  let bed: Testbed;
  beforeAll(async () => {
    bed = await Testbed.start();
  });
  afterAll(() => bed[Symbol.asyncDispose]());

  it.each(shells)(
    "is $kind disturbs nothing, and its start-up files are read once a session at most",
    async (shell) => {
      const login = await bed.login(shell);
      await using session = await ssh().createSession(destinationFor(bed.sshd, login));
      for (let index = 0; index < 5; index += 1) {
        const script = `printf 'out\\0%s' ${index}; printf 'error' >&2; exit ${index}`;
        const { stdout, stderr, exit } = await session.commands.run({ script });
        expect([Buffer.from(stdout.bytes).toString(), stderr.text(), exit]).toEqual([
          `out\0${index}`,
          "error",
          { kind: "code", code: index },
        ]);
      }
      await session.files.write("file", "exact\0bytes");
      expect(Buffer.from((await session.files.read("file")).contents).toString()).toBe("exact\0bytes");
      const read = await readFile(join(login.account.localHome, "read"), "utf8").catch(() => "");
      expect(read.split("\n").filter(Boolean).length).toBeLessThanOrEqual(1);
    },
  );

  it.each([
    { kind: "sftponly", lines: ["ForceCommand internal-sftp"], tells: /SFTP/ },
    { kind: "nologin", shell: "/usr/sbin/nologin", lines: [], tells: /shell/ },
    { kind: "false", shell: "/bin/false", lines: [], tells: /shell/ },
  ])("is none ($kind) is refused as unsupported, with the reason", async ({ tells, ...options }) => {
    const login = await bed.login(options);
    const opening = ssh().createSession(destinationFor(bed.sshd, login));
    await expect(opening).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringMatching(tells) as string,
    });
  });

  it("may not forward ports reaches them by the helper", async () => {
    const login = await bed.login({ kind: "noforward", lines: ["AllowTcpForwarding no"] });
    const server = createServer((socket) => socket.end("hello\n")).listen(0, "127.0.0.1");
    await once(server, "listening");
    try {
      await using session = await ssh().createSession(destinationFor(bed.sshd, login));
      await using connection = await session.ports.connect((server.address() as AddressInfo).port);
      const pieces: Uint8Array[] = [];
      for await (const piece of connection.readable) pieces.push(piece);
      expect(Buffer.concat(pieces).toString()).toBe("hello\n");
    } finally {
      server.close();
    }
  });

  it("shows no secret to those who list processes, here or there", async () => {
    const login = await bed.login({ kind: "secretive" });
    const canary = "canary-in-no-argv";
    const host = { resolveSecret: async () => canary };
    await using session = await ssh().createSession(destinationFor(bed.sshd, login), { host });
    const command = await session.commands.start({
      script: "echo ready; sleep 60",
      env: { API_TOKEN: { id: "token" } },
    });
    await command.read(undefined, { waitMs: 20_000 });
    expect(processesWithVariable(`API_TOKEN=${canary}`).length).toBeGreaterThan(0);
    const listed = await session.commands.run({ script: "cat /proc/[0-9]*/cmdline | tr '\\0' ' '" });
    expect(listed.stdout.text()).not.toContain(canary);
  });
});
