import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { ssh } from "@mooring/ssh";
import { beforeAll, describe, expect, it } from "vitest";
import { requires } from "../../support/requires.js";
import { runProgram } from "../../support/sshd/run-program.js";
import { certify, generateKey, type SshKey } from "../../support/sshd/ssh-keys.js";
import { type Login, Testbed } from "../../support/sshd/testbed.js";
import { destinationFor } from "../destinations.js";
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

  describe("that an authority vouches for", () => {
    /** Serves with certificates of the keys of these kinds. */
    async function certified(
      authority: SshKey,
      types: readonly string[],
      options: { validity?: string; host?: string },
    ) {
      const { host = "127.0.0.1", validity } = options;
      const keys = use.bed.sshd.hostKeys.filter(({ publicKey }) => types.some((type) => publicKey.startsWith(type)));
      const signing = { principals: [host], host: true, ...(validity !== undefined && { validity }) };
      await use.bed.sshd.serveHostCertificates(await Promise.all(keys.map((key) => certify(authority, key, signing))));
    }

    it.each(["ed25519", "ecdsa", "rsa"] as const)("of the kind %s is known by its certificate", async (type) => {
      const authority = await generateKey(use.home, "authority", { type });
      for (const types of [["ssh-ed25519"], ["ecdsa-"]]) {
        await certified(authority, types, {});
        expect(await tried(`@cert-authority * ${authority.publicKey}\n`)).toBe(login.account.name);
      }
      expect(await tried(use.bed.sshd.knownHosts())).toBe(login.account.name);
    });

    it("stays known when the keys of the connection are exchanged anew", async () => {
      const authority = await generateKey(use.home, "authority");
      await using bed = await Testbed.start({ lines: ["RekeyLimit 1M", "LogLevel DEBUG1"] });
      const [key] = bed.sshd.hostKeys;
      if (key === undefined) throw new Error("There is no host key");
      await bed.sshd.serveHostCertificates([await certify(authority, key, { principals: ["*"], host: true })]);
      const [there, knownHostsFile] = await Promise.all([
        bed.login({ kind: "rekey" }),
        bed.sshd.knownHostsFile(`@cert-authority * ${authority.publicKey}\n`),
      ]);
      const destination = destinationFor(bed.sshd, there, { hostKey: undefined, knownHostsFile });
      const session = await ssh({ idleConnectionMs: 1 }).createSession(destination);
      const { stdout, exit } = await session.commands.run({ script: "head -c 8000000 /dev/zero", maxOutputBytes: 1 });
      expect([stdout.totalBytes, exit]).toEqual([8_000_000, { kind: "code", code: 0 }]);
      await session.destroy();
      expect(bed.sshd.log.filter((line) => line.includes("SSH2_MSG_KEXINIT sent")).length).toBeGreaterThan(3);
    });

    it("is refused when it is none of those, is late, or means another host, and trust on first use changes nothing", async () => {
      const [authority, other] = await Promise.all(["one", "two"].map((name) => generateKey(use.home, name)));
      if (authority === undefined || other === undefined) throw new Error("There are no authorities");
      const text = `@cert-authority * ${authority.publicKey}\n`;
      const cases = [
        [other, {}, /certificate is by an authority that is not known/],
        [authority, { validity: "-2h:-1h" }, /certificate has expired/],
        [authority, { host: "elsewhere" }, /certificate is for other hosts \(elsewhere\)/],
      ] as const;
      for (const [signer, options, message] of cases) {
        await certified(signer, ["ssh-ed25519"], options);
        for (const hostKeyPolicy of ["known", "trust-on-first-use"] as const) {
          const refused = tried(text, { hostKeyPolicy });
          await expect(refused).rejects.toThrow(message);
          await expect(refused).rejects.toMatchObject({ code: "permission_denied" });
        }
      }
      await use.bed.sshd.serveHostCertificates([]);
      await expect(tried(text)).rejects.toThrow(/should have a certificate .*, and has shown none/);
    });
  });
});
