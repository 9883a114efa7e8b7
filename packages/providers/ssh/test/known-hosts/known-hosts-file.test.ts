import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readKnownHosts, rememberHostKey } from "../../src/known-hosts/known-hosts-file.js";
import { useHome } from "../temporary-home.js";
import { keyText, madeUpKey } from "./host-keys.js";

const home = useHome();
const key = madeUpKey("one");
const host = { host: "box", port: 2222, alias: undefined, pinned: [] };

test("a new key is one more line, in a file that only its owner reads", async () => {
  const file = join(home.directory, "new", "known_hosts");
  await rememberHostKey(key, host, [file]);
  expect(readFileSync(file, "utf8")).toBe(`[box]:2222 ${keyText(key)}\n`);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test("a file whose last line has no end keeps that line", async () => {
  const file = home.write("known_hosts", `other ${keyText(key)}`);
  await rememberHostKey(key, host, [file]);
  expect(readFileSync(file, "utf8")).toBe(`other ${keyText(key)}\n[box]:2222 ${keyText(key)}\n`);
});

test("of many who see a key first one writes it down", async () => {
  const file = join(home.directory, "known_hosts");
  await Promise.all(Array.from({ length: 20 }, () => rememberHostKey(key, host, [file])));
  expect(readFileSync(file, "utf8")).toBe(`[box]:2222 ${keyText(key)}\n`);
});

test("of two who see different keys first one is refused", async () => {
  const file = join(home.directory, "known_hosts");
  const outcomes = await Promise.allSettled([
    rememberHostKey(key, host, [file]),
    rememberHostKey(madeUpKey("two"), host, [file]),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
  expect(readFileSync(file, "utf8")).toBe(`[box]:2222 ${keyText(key)}\n`);
});

test("files that are not there know nobody; one that cannot be read is an error, as it could revoke a key", async () => {
  expect(await readKnownHosts([join(home.directory, "absent")])).toEqual([]);
  await expect(readKnownHosts([home.directory])).rejects.toMatchObject({ code: "invalid_request", retryable: false });
});
