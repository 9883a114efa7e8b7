import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { SshConfig } from "../../src/index.js";
import { resolveRoute } from "../../src/openssh/resolve-route.js";
import type { SshHop } from "../../src/openssh/ssh-hop.js";
import { useHome } from "../temporary-home.js";

const home = useHome();

async function hopsOf(configuration: string, config: Partial<SshConfig>): Promise<readonly SshHop[]> {
  const configFile = home.write("config", configuration);
  return (await resolveRoute({ host: "box", root: "/", configFile, ...config })).hops;
}

const configuration = `
Port 2200
Host jump
  HostName jump.example
  User carrier
Host bo* !boot !box9
  HostName %h.example
  User=dev
  Port 2222
  IdentityFile ~/.ssh/one
  IdentityFile "~/.ssh/two words"
  CertificateFile ~/.ssh/%r-cert.pub
  UserKnownHostsFile ~/.ssh/a ~/.ssh/b
  IdentitiesOnly yes
Match originalhost box user dev
  HostKeyAlias the-box
  User nobody
Match host *.example,!box2.example
  IdentityAgent none
Match !host box.example
  Port 1
Host *
  User fallback
  IdentityFile ~/.ssh/last
`;

test.each(["box", "box2", "box9", "boot", "jump", "elsewhere"])("%s is what `ssh -G` says it is", async (host) => {
  const [hop] = await hopsOf(configuration, { host });
  const said = execFileSync("ssh", ["-G", "-F", join(home.directory, "config"), host], {
    encoding: "utf8",
    stdio: "pipe",
  });
  const settings = said.split("\n").map((line) => line.split(" "));
  const one = (name: string) => settings.find(([key]) => key === name)?.[1];
  expect([hop?.host, String(hop?.port), hop?.user]).toEqual([one("hostname"), one("port"), one("user")]);
  expect(hop?.hostKeyAlias).toBe(one("hostkeyalias"));
  expect(hop?.identitiesOnly).toBe(one("identitiesonly") === "yes");
  const named = settings.filter(([key]) => key === "identityfile").map(([, ...path]) => path.join(" "));
  const ours = hop?.identities.map(({ path }) => path.replace(home.directory, "~"));
  if (named.some((path) => !path.includes("id_"))) expect(ours).toEqual(named);
});

test("what the destination says counts before the configuration", async () => {
  const [hop] = await hopsOf(configuration, {
    host: "box",
    port: 9,
    user: "me",
    identityFile: ["~/own", "/abs/key"],
    knownHostsFile: "/known",
    hostKey: "SHA256:x",
  });
  expect(hop).toMatchObject({
    host: "box.example",
    port: 9,
    user: "me",
    pinnedKeys: ["SHA256:x"],
    identitiesOnly: true,
  });
  expect(hop?.identities).toEqual([
    { path: join(home.directory, "own"), isNamed: true },
    { path: "/abs/key", isNamed: true },
  ]);
  expect(hop?.knownHostsFiles[0]).toBe("/known");
});

test("without a configuration the usual holds", async () => {
  const route = await resolveRoute({ host: "box", user: "me", root: "/", configFile: false });
  expect(route).toMatchObject({ connectTimeoutMs: 20_000, keepaliveIntervalMs: 5_000 });
  expect(route.hops).toMatchObject([{ host: "box", port: 22, user: "me", agent: undefined, trustsOnFirstUse: false }]);
  expect(route.hops[0]?.knownHostsFiles.slice(0, 2)).toEqual([
    join(home.directory, ".ssh/known_hosts"),
    join(home.directory, ".ssh/known_hosts2"),
  ]);
});

test("jump hosts come nearest first, each with its own settings", async () => {
  const text = "Host a\n User ua\n Port 1001\nHost b\n HostName b.example\nHost box\n ProxyJump a,ub@b:1002\n";
  const hops = await hopsOf(text, {});
  expect(hops.map(({ host, port, user }) => `${user}@${host}:${port}`).slice(0, 2)).toEqual([
    "ua@a:1001",
    "ub@b.example:1002",
  ]);
  const own = await hopsOf(text, { proxyJump: [{ host: "c", user: "uc" }, "b"], user: "me" });
  expect(own.map(({ host }) => host)).toEqual(["c", "b.example", "box"]);
  expect((await hopsOf(text, { proxyJump: "none" })).map(({ host }) => host)).toEqual(["box"]);
});

test("a jump host's own way is taken, and a circle is refused", async () => {
  const hops = await hopsOf("Host box\n ProxyJump a\nHost a\n ProxyJump b\n", {});
  expect(hops.map(({ host }) => host)).toEqual(["b", "a", "box"]);
  await expect(
    hopsOf("Host box\n ProxyJump a\nHost a\n ProxyJump b\nHost b\n ProxyJump a\n", {}),
  ).rejects.toMatchObject({
    code: "unsupported",
  });
});

test("no local program is run: a ProxyCommand and a Match exec that count are refused", async () => {
  const marker = join(home.directory, "ran");
  const command = `touch ${marker}`;
  await expect(hopsOf(`Host box\n ProxyCommand ${command}\n`, {})).rejects.toMatchObject({ code: "unsupported" });
  await expect(hopsOf(`Match host box exec "${command}"\n User x\n`, {})).rejects.toThrow(/`Match exec` in .*config/);
  expect(await hopsOf(`Match host other exec "${command}"\n User x\n`, { user: "me" })).toMatchObject([{ user: "me" }]);
  expect(await hopsOf(`Host box\n ProxyCommand ${command}\n`, { proxyJump: "none" })).toHaveLength(1);
  expect(await hopsOf("Host box\n ProxyCommand none\n", {})).toHaveLength(1);
  expect(existsSync(marker)).toBe(false);
});

test("only a configuration that says so by name trusts on first use, and none is less strict", async () => {
  const trusts = async (value: string) => (await hopsOf(`StrictHostKeyChecking ${value}\n`, {}))[0]?.trustsOnFirstUse;
  expect(await Promise.all(["yes", "no", "ask", "off"].map(trusts))).toEqual([false, false, false, false]);
  expect(await trusts("accept-new")).toBe(true);
  const [hop] = await hopsOf("StrictHostKeyChecking accept-new\n", { hostKeyPolicy: "known" });
  expect(hop?.trustsOnFirstUse).toBe(false);
});

test("included files count in their place, with their patterns and under their block", async () => {
  home.write("conf.d/10-a", "Host box\n Port 10\n");
  home.write("conf.d/20-b", "Host box\n Port 20\n User second\n");
  home.write("inner", "IdentityAgent /inner\n");
  const [hop] = await hopsOf("Include conf.d/*\nHost other\n Include inner\nHost box\n Port 30\n Include inner\n", {});
  expect(hop).toMatchObject({ port: 10, user: "second", agent: "/inner" });
  home.write("circle", `Include ${join(home.directory, "circle")}\n`);
  await expect(hopsOf("Include circle\n", {})).rejects.toThrow(/include one another/);
});

test("a configuration that is named must be there, and what it holds must be known", async () => {
  await expect(resolveRoute({ host: "box", root: "/", configFile: "/absent/config" })).rejects.toMatchObject({
    code: "invalid_request",
  });
  await expect(hopsOf("IdentityFile ~/%Z\n", {})).rejects.toThrow(/%Z is not known/);
});

test("the agent is the one that is named, SSH_AUTH_SOCK, or none", async () => {
  const agent = async (text: string, config: Partial<SshConfig> = {}) => (await hopsOf(text, config))[0]?.agent;
  expect(await agent("")).toBeUndefined();
  process.env["SSH_AUTH_SOCK"] = "/agent";
  expect(await agent("")).toBe("/agent");
  expect(await agent("IdentityAgent none\n")).toBeUndefined();
  expect(await agent("IdentityAgent SSH_AUTH_SOCK\n")).toBe("/agent");
  expect(await agent("IdentityAgent ~/a.sock\n")).toBe(join(home.directory, "a.sock"));
  expect(await agent("IdentityAgent ~/a.sock\n", { identityAgent: "none" })).toBeUndefined();
});
