import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { requires } from "../support/requires.js";
import { FaultProxy } from "../support/sshd/fault-proxy.js";
import { packetBorders } from "../support/sshd/packet-borders.js";
import { runProgram } from "../support/sshd/run-program.js";
import { type Login, Testbed } from "../support/sshd/testbed.js";

describe.runIf(requires("sshd", "root", "busybox"))("the place of these tests, by OpenSSH's own client", () => {
  let bed: Testbed;
  let login: Login;
  beforeAll(async () => {
    bed = await Testbed.start();
    login = await bed.login({ kind: "user" });
  }, 120_000);
  afterAll(() => bed[Symbol.asyncDispose](), 120_000);

  async function ssh(port: number, as: Login, script: string): Promise<string> {
    const knownHosts = bed.sshd.hostKeys.map(({ publicKey }) => `[127.0.0.1]:${port} ${publicKey}\n`).join("");
    const options = [
      `UserKnownHostsFile=${await bed.sshd.knownHostsFile(knownHosts)}`,
      "Ciphers=aes128-gcm@openssh.com",
      "BatchMode=yes",
    ].flatMap((option) => ["-o", option]);
    const target = `${as.account.name}@127.0.0.1`;
    return await runProgram("ssh", ["-F", "none", ...options, "-i", as.key.file, "-p", `${port}`, target, script]);
  }

  it("is entered as root, as a user and without Perl", async () => {
    const [root, busybox] = [await bed.login({ kind: "root", isRoot: true }), await bed.busyboxLogin()];
    expect(await ssh(bed.sshd.port, root, "id -u")).toBe("0\n");
    expect(await ssh(bed.sshd.port, login, "id -un")).toBe(`${login.account.name}\n`);
    expect(await ssh(bed.sshd.port, busybox, "command -v perl || echo none; ls /; pwd")).toMatch(
      new RegExp(`^none\nbin\n[^]*${busybox.account.home}\n$`),
    );
  });

  it("passes on exactly as many bytes as it is told, and knows where packets end", async () => {
    await using proxy = await FaultProxy.start(bed.sshd, { record: true });
    expect(await ssh(proxy.port, login, "echo through")).toBe("through\n");
    const [whole] = proxy.connections;
    for (const direction of ["up", "down"] as const) {
      const transcript = whole?.recorded(direction) ?? Buffer.alloc(0);
      expect(transcript.byteLength).toBe(whole?.passed[direction]);
      expect(packetBorders(transcript).at(-1)).toBe(transcript.byteLength);
    }
    for (const offset of [0, 1, 700, 2_500]) {
      proxy.cutNext({ direction: "down", offset });
      await expect(ssh(proxy.port, login, "true")).rejects.toThrow(/255/);
      expect(proxy.connections.at(-1)?.passed.down).toBe(offset);
    }
    expect(proxy.openConnections).toBe(0);
  });

  it("passes nothing while it stalls, and all of it afterwards", async () => {
    await using proxy = await FaultProxy.start(bed.sshd);
    proxy.stall();
    const command = ssh(proxy.port, login, "echo late");
    await expect.poll(() => proxy.connections.length).toBe(1);
    expect(proxy.connections[0]?.passed).toEqual({ up: 0, down: 0 });
    proxy.resume();
    expect(await command).toBe("late\n");
  });
});
