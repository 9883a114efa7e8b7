import { appendFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ssh, type SshConfig } from "@mooring/ssh";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { requires } from "../../support/requires.js";
import { runProgram } from "../../support/sshd/run-program.js";
import { generateKey } from "../../support/sshd/ssh-keys.js";
import { type Login, Testbed } from "../../support/sshd/testbed.js";
import { destinationFor } from "../destinations.js";

describe.runIf(requires("sshd", "root"))("a host's key", () => {
  let bed: Testbed;
  let login: Login;
  beforeAll(async () => {
    bed = await Testbed.start({ hostKeyTypes: ["ed25519", "ecdsa", "rsa"] });
    login = await bed.login({ kind: "user" });
  });
  afterAll(() => bed[Symbol.asyncDispose]());

  async function open(overrides: Partial<SshConfig>): Promise<void> {
    const destination = destinationFor(bed.sshd, login, { hostKey: undefined, ...overrides });
    await using session = await ssh().createSession(destination);
    expect((await session.commands.run({ program: "true" })).exit).toEqual({ kind: "code", code: 0 });
  }

  it("that nobody knows is refused with its fingerprint and what to do, before anything is said to the host", async () => {
    const [key] = bed.sshd.hostKeys;
    const logged = bed.sshd.log.length;
    const opening = open({ knownHostsFile: await bed.sshd.knownHostsFile("") });
    await expect(opening).rejects.toMatchObject({ code: "permission_denied", retryable: false });
    await expect(opening).rejects.toThrow(key?.fingerprint ?? "none");
    await expect(opening).rejects.toThrow(/ssh-keyscan .*hostKey|hostKey.*ssh-keyscan/);
    expect(bed.sshd.log.slice(logged).join()).not.toContain(login.account.name);
  });

  it("is trusted on first use only if asked for by name, and then kept", async () => {
    const knownHostsFile = await bed.sshd.knownHostsFile("");
    await open({ knownHostsFile, hostKeyPolicy: "trust-on-first-use" });
    const [line = "", ...more] = (await readFile(knownHostsFile, "utf8")).trimEnd().split("\n");
    expect(bed.sshd.knownHosts()).toContain(line.split(" ").slice(1).join(" "));
    expect(more).toEqual([]);
    await open({ knownHostsFile });
  });

  it("is found in hashed entries", async () => {
    const knownHostsFile = await bed.sshd.knownHostsFile();
    await runProgram("ssh-keygen", ["-H", "-f", knownHostsFile]);
    expect(await readFile(knownHostsFile, "utf8")).not.toContain(bed.sshd.host);
    await open({ knownHostsFile });
  });

  it("of the one type that is known is what the host is asked for", async () => {
    for (const { publicKey } of bed.sshd.hostKeys) {
      const line = `[${bed.sshd.host}]:${bed.sshd.port} ${publicKey}\n`;
      await open({ knownHostsFile: await bed.sshd.knownHostsFile(line) });
    }
  });

  it("that is revoked is refused", async () => {
    const knownHostsFile = await bed.sshd.knownHostsFile();
    for (const { publicKey } of bed.sshd.hostKeys) await appendFile(knownHostsFile, `@revoked * ${publicKey}\n`);
    await expect(open({ knownHostsFile })).rejects.toMatchObject({
      code: "permission_denied",
      message: expect.stringContaining("revoked") as string,
    });
  });

  it("that is another one's is refused, by a pin, too", async () => {
    const other = await generateKey(bed.sshd.directory, "other-host");
    await expect(open({ hostKey: other.fingerprint })).rejects.toMatchObject({ code: "permission_denied" });
    await open({ hostKey: bed.sshd.hostKeys.map(({ publicKey }) => publicKey) });
  });

  it("is found through an alias of the OpenSSH configuration, with all else that it says", async () => {
    const configFile = join(bed.sshd.directory, "config");
    const knownHostsFile = await bed.sshd.knownHostsFile(
      bed.sshd.hostKeys.map(({ publicKey }) => `the-box ${publicKey}\n`).join(""),
    );
    const lines = [
      "Host box",
      `  HostName ${bed.sshd.host}`,
      `  Port ${bed.sshd.port}`,
      `  User ${login.account.name}`,
      `  IdentityFile ${login.key.file}`,
      "  IdentitiesOnly yes",
      "  HostKeyAlias the-box",
      `  UserKnownHostsFile ${knownHostsFile}`,
    ];
    await writeFile(configFile, `${lines.join("\n")}\n`);
    const config: SshConfig = { host: "box", root: login.root, configFile };
    const destination = { id: "box", providerId: "ssh", config, defaultManifest: { entries: [], mounts: [] } };
    await using session = await ssh().createSession(destination);
    expect((await session.commands.run({ program: "id", args: ["-un"] })).stdout.text().trim()).toBe(
      login.account.name,
    );
  });
});
