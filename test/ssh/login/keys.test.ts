import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { requires } from "../../support/requires.js";
import { certify, generateKey, type SshKey } from "../../support/sshd/ssh-keys.js";
import type { Login } from "../../support/sshd/testbed.js";
import { startAgent } from "./ssh-agent.js";
import { useTestbed } from "./use-testbed.js";

describe.runIf(requires("sshd", "root"))("logging in with keys", { timeout: 60_000 }, () => {
  const use = useTestbed();
  let login: Login;
  let authority: SshKey;
  beforeAll(async () => {
    authority = await generateKey(use.bed.sshd.directory, "authority");
    login = await use.bed.login({
      kind: "keys",
      lines: [`TrustedUserCAKeys ${authority.file}.pub`, "MaxAuthTries 6"],
    });
  }, 120_000);

  const newKey = (name: string, options?: Parameters<typeof generateKey>[2]) => generateKey(use.home, name, options);
  const admitted = async (key: SshKey): Promise<SshKey> => {
    await use.bed.sshd.admit(login.account, key);
    return key;
  };

  it.each(["ed25519", "ecdsa", "rsa"] as const)("takes a key of the kind %s", async (type) => {
    const key = await admitted(await newKey("key", { type }));
    expect(await use.whoami(login, { identityFile: key.file })).toBe(login.account.name);
  });

  it.each(["ed25519", "ecdsa", "rsa"] as const)("takes a %s key that the agent has", async (type) => {
    await using agent = await startAgent();
    const key = await admitted(await newKey("key", { type }));
    await agent.add(key.file);
    const config = { identityFile: undefined, identityAgent: agent.socket };
    expect(await use.whoami(login, config)).toBe(login.account.name);
  });

  it.each(["ed25519", "ecdsa", "rsa"] as const)("takes a certificate of a %s key", async (type) => {
    const key = await newKey("key", { type });
    await admitted(await newKey("another"));
    const certificate = await certify(authority, key, { principals: [login.account.name] });
    expect(await use.whoami(login, { identityFile: key.file })).toBe(login.account.name);
    const elsewhere = join(use.home, "elsewhere-cert.pub");
    await writeFile(elsewhere, await readFile(certificate));
    await writeFile(certificate, "");
    expect(await use.whoami(login, { identityFile: key.file, certificateFile: elsewhere })).toBe(login.account.name);
  });

  it("takes a certificate that the agent has", async () => {
    await using agent = await startAgent();
    const key = await newKey("key", { type: "ecdsa" });
    await certify(authority, key, { principals: [login.account.name] });
    await admitted(await newKey("another"));
    await agent.add(key.file);
    const config = { identityFile: undefined, identityAgent: agent.socket };
    expect(await use.whoami(login, config)).toBe(login.account.name);
  });

  it("opens an encrypted key with the secret that the session's host resolves", async () => {
    const key = await admitted(await newKey("key", { passphrase: "open sesame" }));
    const config = { identityFile: key.file, passphrase: { id: "key" } };
    const host = { resolveSecret: async () => "open sesame" };
    expect(await use.whoami(login, config, { session: { host } })).toBe(login.account.name);
    expect(await use.whoami(login, config, { resolveSecret: host.resolveSecret })).toBe(login.account.name);
    await expect(use.whoami(login, config)).rejects.toMatchObject({ code: "unauthenticated", retryable: false });
    const wrong = use.whoami(login, config, { resolveSecret: async () => "close sesame" });
    await expect(wrong).rejects.toThrow(`${key.file} cannot be opened`);
    await expect(wrong).rejects.not.toThrow("close sesame");
  });

  it("lets the agent sign for a key whose file is encrypted, or is the public one", async () => {
    await using agent = await startAgent();
    const [key, other] = [await newKey("key"), await newKey("other")];
    await admitted(key);
    await agent.add(other.file, key.file);
    const locked = await newKey("locked", { passphrase: "open sesame" });
    await writeFile(`${locked.file}.pub`, `${key.publicKey}\n`);
    for (const identityFile of [`${key.file}.pub`, locked.file]) {
      expect(await use.whoami(login, { identityFile, identityAgent: agent.socket })).toBe(login.account.name);
    }
  });

  it("says what was tried, and offers what was named only", async () => {
    await using agent = await startAgent();
    const [key, wrong] = [await admitted(await newKey("key")), await newKey("wrong")];
    await agent.add(key.file);
    const failed = use.whoami(login, { identityFile: `${wrong.file}`, identityAgent: undefined });
    await expect(failed).rejects.toMatchObject({ code: "unauthenticated", details: { user: login.account.name } });
    await expect(failed).rejects.toThrow(`Tried: ${wrong.file} ${wrong.fingerprint}`);
    await expect(use.whoami(login, { identityFile: join(use.home, "absent") })).rejects.toThrow(
      /absent, which .* ENOENT/,
    );
  });

  it("goes on without an agent that is not there, and says so when nothing else helps", async () => {
    const key = await admitted(await newKey("key"));
    const identityAgent = join(use.home, "no-agent");
    expect(await use.whoami(login, { identityFile: key.file, identityAgent })).toBe(login.account.name);
    await expect(use.whoami(login, { identityFile: undefined, identityAgent })).rejects.toThrow(
      `The agent at ${identityAgent} cannot be reached`,
    );
  });

  it("finds the usual keys in ~/.ssh", async () => {
    const key = await newKey("key", { type: "rsa" });
    await admitted(key);
    await mkdir(join(use.home, ".ssh"));
    await writeFile(join(use.home, ".ssh", "id_rsa"), await readFile(key.file), { mode: 0o600 });
    expect(await use.whoami(login, { identityFile: undefined })).toBe(login.account.name);
  });
});
