import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { requires } from "../../support/requires.js";
import { runProgram } from "../../support/sshd/run-program.js";
import { certify, generateKey } from "../../support/sshd/ssh-keys.js";
import type { Login } from "../../support/sshd/testbed.js";
import { useTestbed } from "./use-testbed.js";

describe.runIf(requires("sshd", "root"))("the key of a host", { timeout: 60_000 }, () => {
  const use = useTestbed({ hostKeyTypes: ["ed25519", "ecdsa", "rsa"] });
  let login: Login;
  beforeAll(async () => {
    login = await use.bed.login({ kind: "host" });
  }, 120_000);
  /** What known hosts of this text let in. */
  const tried = async (text: string, config = {}) =>
    use.whoami(login, { hostKey: undefined, knownHostsFile: await use.bed.sshd.knownHostsFile(text), ...config });

  it("that is not known is refused before anything is told, and the message helps", async () => {
    const logged = use.bed.sshd.log.length;
    const refused = tried("");
    await expect(refused).rejects.toMatchObject({
      code: "permission_denied",
      retryable: false,
      phase: "before_start",
      details: { reason: "host_key_unknown", fingerprint: use.bed.sshd.hostKeys[0]?.fingerprint },
    });
    await expect(refused).rejects.toThrow(`ssh-keyscan -p ${use.bed.sshd.port} 127.0.0.1`);
    expect(use.bed.sshd.log.slice(logged).filter((line) => line.includes(login.account.name))).toEqual([]);
  });

  it("is written down once by trust on first use, in a file that ssh reads, too", async () => {
    const knownHostsFile = join(use.home, "new", "known_hosts");
    const config = { hostKey: undefined, knownHostsFile, hostKeyPolicy: "trust-on-first-use" } as const;
    await Promise.all([use.whoami(login, config), use.whoami(login, config), use.whoami(login, config)]);
    const written = await readFile(knownHostsFile, "utf8");
    expect(written).toBe(`[127.0.0.1]:${use.bed.sshd.port} ${use.bed.sshd.hostKeys[0]?.publicKey}\n`);
    expect((await stat(knownHostsFile)).mode & 0o777).toBe(0o600);
    const found = await runProgram("ssh-keygen", ["-F", `[127.0.0.1]:${use.bed.sshd.port}`, "-f", knownHostsFile]);
    expect(found).toContain("found: line 1");
    expect(await use.whoami(login, { ...config, hostKeyPolicy: "known" })).toBe(login.account.name);
  });

  it("is asked for by the kind that is known, of several that the host has", async () => {
    for (const { publicKey } of use.bed.sshd.hostKeys) {
      expect(await tried(`[127.0.0.1]:${use.bed.sshd.port} ${publicKey}\n`)).toBe(login.account.name);
      expect(await use.whoami(login, { hostKey: publicKey, knownHostsFile: "/dev/null" })).toBe(login.account.name);
    }
  });

  it("may be known by a hashed name, a pattern, or a name that stands for it", async () => {
    const [key] = use.bed.sshd.hostKeys;
    const file = await use.bed.sshd.knownHostsFile();
    await runProgram("ssh-keygen", ["-q", "-H", "-f", file]);
    expect(await readFile(file, "utf8")).not.toContain("127.0.0.1");
    expect(await use.whoami(login, { hostKey: undefined, knownHostsFile: file })).toBe(login.account.name);
    expect(await tried(`[127.0.0.*]:${use.bed.sshd.port} ${key?.publicKey}\n`)).toBe(login.account.name);
    const configFile = await use.bed.sshd.knownHostsFile("HostKeyAlias the-box\n");
    expect(await tried(`the-box ${key?.publicKey}\n`, { configFile })).toBe(login.account.name);
  });

  it("that has changed, is revoked, or is not the pinned one is refused for just that", async () => {
    const other = await generateKey(use.home, "other");
    const name = `[127.0.0.1]:${use.bed.sshd.port}`;
    const reasons = {
      host_key_changed: () => tried(`${name} ${other.publicKey}\n`),
      host_key_revoked: () => tried(`${use.bed.sshd.knownHosts()}@revoked * ${use.bed.sshd.hostKeys[0]?.publicKey}\n`),
      host_key_unpinned: () => tried(use.bed.sshd.knownHosts(), { hostKey: other.fingerprint }),
    };
    for (const [reason, trying] of Object.entries(reasons)) {
      await expect(trying()).rejects.toMatchObject({ code: "permission_denied", details: { reason } });
    }
    const trusting = tried(`${name} ${other.publicKey}\n`, { hostKeyPolicy: "trust-on-first-use" });
    await expect(trusting).rejects.toMatchObject({ details: { reason: "host_key_changed" } });
  });

  it("that only an authority vouches for is refused, and the message says that it is not looked at", async () => {
    const authority = await generateKey(use.home, "authority");
    const [key] = use.bed.sshd.hostKeys;
    if (key === undefined) throw new Error("There is no host key");
    await use.bed.sshd.serveHostCertificates([
      await certify(authority, key, { principals: ["127.0.0.1"], host: true }),
    ]);
    const refused = tried(`@cert-authority * ${authority.publicKey}\n`, { hostKeyPolicy: "trust-on-first-use" });
    await expect(refused).rejects.toThrow(/known by an authority only .* host certificates cannot be checked/);
    expect(await tried(use.bed.sshd.knownHosts())).toBe(login.account.name);
  });
});
