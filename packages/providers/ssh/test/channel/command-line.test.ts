import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { commandLine } from "../../src/channel/command-line.js";

const shells = ["bash", "dash", "rbash", "fish", "tcsh", "zsh", "busybox"]
  .map((name) => [name, `/bin/${name}`, `/usr/bin/${name}`].find((path) => path.startsWith("/") && existsSync(path)))
  .filter((path) => path !== undefined);

/** What a program gets that a login shell starts by our line. */
function received(shell: string, argv: readonly string[]): string[] {
  const line = commandLine(["printf", "%s\\0", ...argv], "either");
  const args = shell.endsWith("busybox") ? ["sh", "-c", line] : ["-c", line];
  return execFileSync(shell, args, { encoding: "utf8", stdio: "pipe" }).split("\0").slice(0, -1);
}

test.each(shells)("%s passes every word on as it is", (shell) => {
  const words = [
    "plain",
    "",
    " ",
    "-n",
    "it's",
    '"',
    "\\",
    "\\n\\'",
    "a\nb\n\n",
    "!!",
    "!x",
    "$HOME $(id) `id` ${x}",
    "%s%n%%",
    "*?[a]{b,c}~",
    "#&;|<>()",
    "\t\r\u{1b}",
    "äß€\u{1f600}",
    "\\101",
  ];
  expect(received(shell, words)).toEqual(words);
});

test("any words are passed on", () => {
  const word = fc.string({ unit: "grapheme", maxLength: 40 }).filter((text) => !text.includes("\0"));
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 8 }), (words) => {
      expect(received("/bin/sh", words)).toEqual(words);
    }),
    { numRuns: 20 },
  );
});

test("the line has nothing that login shells read differently", () => {
  const line = commandLine(["sh", "-c", "echo 'it''s' \\\\ !! \n done"], "child");
  expect(line).toMatch(/^sh -c '[^'\n!]*'$/);
  expect(line.replaceAll(/\\[0-7]{3}/g, "")).not.toContain("\\");
});
