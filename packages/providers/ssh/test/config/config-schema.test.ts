import { expect, test } from "vitest";
import { sshConfigSchema } from "../../src/config/config-schema.js";
import { ssh } from "../../src/index.js";

const good = { host: "box", root: "/srv" };

async function isGood(config: object): Promise<boolean> {
  return (await sshConfigSchema["~standard"].validate(config)).issues === undefined;
}

test.each([
  {},
  { root: "~" },
  { root: "~/app" },
  { identityFile: "~/.ssh/key", certificateFile: ["a", "b"] },
  { proxyJump: "a,b" },
  { proxyJump: ["a", { host: "b", port: 22, hostKey: `SHA256:${"a".repeat(43)}` }] },
  { hostKey: ["ssh-ed25519 AAAA words"] },
  { configFile: false },
  { password: { id: "the-password" }, passphrase: { id: "p" } },
])("%j is a configuration", async (more) => expect(await isGood({ ...good, ...more })).toBe(true));

test.each([
  { host: "" },
  { host: "-oProxyCommand=x" },
  { host: "a\nb" },
  { host: "\u{1b}[2J" },
  { user: "-l" },
  { user: "a b" },
  { port: 0 },
  { root: "relative" },
  { root: "~other/x" },
  { hostkey: "SHA256:x" },
  { hostKey: "SHA256:short" },
  { hostKey: [] },
  { hostKeyPolicy: "no" },
  { proxyJump: [{ host: "a", root: "/" }] },
  { password: "hunter2" },
  { keepaliveIntervalMs: 0 },
])("%j is none", async (more) => expect(await isGood({ ...good, ...more })).toBe(false));

test("a secret in the configuration is refused by the provider without repeating it", async () => {
  const config = { ...good, passphrase: "hunter2" };
  const refused = ssh().validateDestination({
    id: "x",
    providerId: "ssh",
    config: config as never,
    defaultManifest: { entries: [], mounts: [] },
  });
  const error: unknown = await refused.catch((caught: unknown) => caught);
  expect(error).toMatchObject({ code: "invalid_request" });
  expect(String(error)).not.toContain("hunter2");
});
