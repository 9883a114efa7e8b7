import { expect, test } from "vitest";
import { ssh } from "../../src/index.js";

const provider = ssh();

test.each([
  ["ssh://box/srv/app", { host: "box", root: "/srv/app" }],
  ["ssh://dev@box:2222/srv/app", { host: "box", port: 2222, user: "dev", root: "/srv/app" }],
  ["ssh://box", { host: "box", root: "~" }],
  ["ssh://box/~", { host: "box", root: "~" }],
  ["ssh://box/~/app/", { host: "box", root: "~/app" }],
  ["ssh://[2001:db8::1]:22/", { host: "2001:db8::1", port: 22, root: "/" }],
  ["ssh://a%40b@box/with%20space", { host: "box", user: "a@b", root: "/with space" }],
])("%s is read", (location, config) => {
  const destination = provider.parseLocation?.(location);
  expect(destination?.config).toEqual(config);
  expect(destination?.providerId).toBe("ssh");
});

test.each([
  "ssh://",
  "ssh:///srv",
  "ssh://box:0/srv",
  "ssh://box:70000/srv",
  "ssh://-oProxyCommand=x/srv",
  "ssh://a b/srv",
  "ssh://box%0a/srv",
  "ssh://box/%zz",
  "ssh://box/a%00b",
  "ssh://-l@box/srv",
])("%s is refused by what it should be", (location) => {
  expect(() => provider.parseLocation?.(location)).toThrow(/Expected `location` to be/);
});

test("another scheme is another provider's", () => {
  expect(provider.parseLocation?.("unix-local:/srv")).toBeUndefined();
});
