import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { fingerprintOf } from "../../src/keys/fingerprint.js";
import { isAbout, knownHostName, parseKnownHosts } from "../../src/known-hosts/known-hosts-line.js";
import { useHome } from "../temporary-home.js";
import { keyText, madeUpKey } from "./host-keys.js";

const home = useHome();
const key = madeUpKey("one");

/** Whether a file knows a host, by our reading. */
function knows(text: string, name: string): boolean {
  return parseKnownHosts(text, "file").some((line) => isAbout(line, name));
}

test.each([
  ["box", "box", true],
  ["BOX.example", "box.EXAMPLE", true],
  ["box,other", "other", true],
  ["*.example", "box.example", true],
  ["*.example", "example", false],
  ["b?x", "box", true],
  ["*.example,!box.example", "box.example", false],
  ["*.example,!box.example", "other.example", true],
  ["!box.example,*.example", "box.example", false],
  ["[box]:2222", "[box]:2222", true],
  ["[box]:2222", "box", false],
  ["box", "[box]:2222", false],
  ["[*.example]:2222", "[a.example]:2222", true],
  ["192.0.2.*", "192.0.2.7", true],
  ["2001:db8::1", "2001:db8::1", true],
])("the hosts %s are read for %s as ssh-keygen reads them: %s", (hosts, name, expected) => {
  const text = `${hosts} ${keyText(key)}\n`;
  expect(knows(text, name)).toBe(expected);
  expect(found(home.write("known_hosts", text), name)).toBe(expected);
});

test("names that ssh-keygen has hashed are found, and no others", () => {
  const names = ["box", "box.example", "[box]:2222", "192.0.2.7", "2001:db8::1"];
  const path = home.write("known_hosts", names.map((name) => `${name} ${keyText(madeUpKey(name))}\n`).join(""));
  execFileSync("ssh-keygen", ["-q", "-H", "-f", path], { stdio: "ignore" });
  const text = execFileSync("cat", [path], { encoding: "utf8" });
  expect(text).not.toContain("box");
  for (const name of names) {
    const lines = parseKnownHosts(text, path).filter((line) => isAbout(line, name));
    expect(lines.map((line) => line.key)).toEqual([madeUpKey(name)]);
  }
  expect(knows(text, "elsewhere")).toBe(false);
});

test("marked lines, comments, blank lines and ends of lines of another system are read", () => {
  const text = [
    "# a comment",
    "",
    `box ${keyText(key)} and words`,
    `@revoked * ${keyText(madeUpKey("bad"))}`,
    `\t@cert-authority\t*.example  ${keyText(madeUpKey("ca"))}`,
    `@unheard-of box ${keyText(key)}`,
  ].join("\r\n");
  expect(parseKnownHosts(text, "file").map(({ marker, hosts, number }) => [marker, hosts, number])).toEqual([
    [undefined, "box", 3],
    ["revoked", "*", 4],
    ["cert-authority", "*.example", 5],
  ]);
});

test.each(["box", "box ssh-ed25519", "box ssh-ed25519 !!!!", `box ssh-rsa ${key.toString("base64")}`, "|1|only box"])(
  "a line that is none is left out: %s",
  (line) => expect(parseKnownHosts(`${line}\n`, "file")).toEqual([]),
);

test("a hash of another kind matches nobody", () => {
  expect(knows(`|2|c2FsdA==|aGFzaA== ${keyText(key)}`, "box")).toBe(false);
});

test("a pattern of many stars takes no time", () => {
  const begin = performance.now();
  expect(knows(`${"*a".repeat(2_000)}b ${keyText(key)}`, "a".repeat(1_000))).toBe(false);
  expect(performance.now() - begin).toBeLessThan(1_000);
});

test("a fingerprint is the one that ssh-keygen prints", () => {
  const path = home.write("key.pub", `${keyText(key)} words\n`);
  const printed = execFileSync("ssh-keygen", ["-l", "-f", path], { encoding: "utf8" });
  expect(printed.split(" ")[1]).toBe(fingerprintOf(key));
});

test("only ports other than 22 are part of a host's name", () => {
  expect([knownHostName("box", 22), knownHostName("box", 2222)]).toEqual(["box", "[box]:2222"]);
});

function found(path: string, name: string): boolean {
  try {
    execFileSync("ssh-keygen", ["-F", name, "-f", path], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
