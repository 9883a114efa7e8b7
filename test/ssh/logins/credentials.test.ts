import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { RunnerHost } from "@mooring/api";
import { ssh, type SshConfig } from "@mooring/ssh";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { requires } from "../../support/requires.js";
import { runProgram } from "../../support/sshd/run-program.js";
import { certify, generateKey, type KeyType } from "../../support/sshd/ssh-keys.js";
import { type Login, Testbed } from "../../support/sshd/testbed.js";
import { destinationFor } from "../destinations.js";

const password = "a password with 'quotes'";

describe.runIf(requires("sshd", "root"))("logging in", () => {
  let bed: Testbed;
  let login: Login;
  beforeAll(async () => {
    bed = await Testbed.start({ lines: ["KbdInteractiveAuthentication yes"] });
    login = await bed.login({ kind: "user", password });
  });
  afterAll(() => bed[Symbol.asyncDispose]());

  async function whoami(overrides: Partial<SshConfig>, host?: RunnerHost, provider = ssh()): Promise<string> {
    const destination = destinationFor(bed.sshd, login, overrides);
    await using session = await provider.createSession(destination, host === undefined ? {} : { host });
    return (await session.commands.run({ program: "id", args: ["-un"] })).stdout.text().trim();
  }

  it.each<KeyType>(["ed25519", "ecdsa", "rsa"])("takes a key of the type %s", async (type) => {
    const key = await generateKey(bed.sshd.directory, `identity-${type}`, { type });
    await bed.sshd.admit(login.account, key);
    expect(await whoami({ identityFile: key.file })).toBe(login.account.name);
  });

  it("takes an encrypted key with its passphrase, and no other", async () => {
    const key = await generateKey(bed.sshd.directory, "encrypted", { passphrase: "open sesame" });
    await bed.sshd.admit(login.account, key);
    const overrides = { identityFile: key.file, passphrase: { id: "passphrase" } };
    expect(await whoami(overrides, { resolveSecret: async () => "open sesame" })).toBe(login.account.name);
    const wrong = whoami(overrides, { resolveSecret: async () => "wrong" });
    await expect(wrong).rejects.toMatchObject({ code: "unauthenticated" });
    await expect(wrong).rejects.not.toMatchObject({ message: expect.stringContaining("wrong") as string });
  });

  it("takes a key of the agent", async () => {
    const key = await generateKey(bed.sshd.directory, "in-the-agent");
    await bed.sshd.admit(login.account, key);
    const socket = join(bed.sshd.directory, "agent");
    const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: ["ignore", "pipe", "ignore"] });
    try {
      await once(agent.stdout, "data");
      await runProgram("env", [`SSH_AUTH_SOCK=${socket}`, "ssh-add", "-q", key.file]);
      await rm(key.file);
      expect(await whoami({ identityFile: [], identityAgent: socket })).toBe(login.account.name);
    } finally {
      agent.kill();
    }
  });

  it("takes a user's certificate", async () => {
    const directory = bed.sshd.directory;
    const [authority, key] = [await generateKey(directory, "authority"), await generateKey(directory, "certified")];
    const certificateFile = await certify(authority, key, { principals: [login.account.name] });
    const keys = join(directory, "authorized-keys", login.account.name);
    await writeFile(keys, `cert-authority ${authority.publicKey}\n`);
    expect(await whoami({ identityFile: key.file, certificateFile })).toBe(login.account.name);
  });

  it("takes a password, from what keeps secrets or from a person", async () => {
    const overrides = { identityFile: [] };
    const resolveSecret = async () => password;
    expect(await whoami({ ...overrides, password: { id: "password" } }, { resolveSecret })).toBe(login.account.name);
    const asked: string[] = [];
    const provider = ssh({
      async onKeyboardInteractive({ prompts }) {
        asked.push(...prompts.map(({ text }) => text.trim()));
        return [password];
      },
    });
    expect(await whoami(overrides, undefined, provider)).toBe(login.account.name);
    expect(asked).toEqual(["Password:"]);
  });

  it("writes nothing on this machine", async () => {
    const key = await readFile(`${login.key.file}.pub`, "utf8");
    await bed.sshd.admit(login.account, login.key);
    const knownHostsFile = await bed.sshd.knownHostsFile();
    await whoami({ hostKey: undefined, knownHostsFile });
    expect(await readFile(knownHostsFile, "utf8")).toBe(bed.sshd.knownHosts());
    expect(await readFile(`${login.key.file}.pub`, "utf8")).toBe(key);
  });
});
