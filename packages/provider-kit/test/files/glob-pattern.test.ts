import { spawnSync } from "node:child_process";
import process from "node:process";
import { RunnerError } from "@mooring/api";
import { describe, expect, test } from "vitest";
import { excludeExpressions, globExpression, globPattern } from "../../src/files/glob-pattern.js";

function matches(source: string, path: string): boolean {
  return new RegExp(source).test(Buffer.from(path, "utf8").toString("latin1"));
}

/** Whether a whole path, from the start of the search, matches. */
function found(pattern: string, path: string, includeHidden = false): boolean {
  const { base, source } = globPattern(pattern, { includeHidden });
  if (base === "") return matches(source, path);
  return path.startsWith(`${base}/`) && matches(source, path.slice(base.length + 1));
}

describe("a glob", () => {
  test.each([
    ["*.ts", "a.ts", true],
    ["*.ts", "src/a.ts", false],
    ["*.ts", ".a.ts", false],
    [".*.ts", ".a.ts", true],
    ["**/*.ts", "a.ts", true],
    ["**/*.ts", "src/deep/a.ts", true],
    ["**/*.ts", "src/.git/a.ts", false],
    ["**", "a/b/c", true],
    ["src/**", "src/a", true],
    ["src/**", "src", false],
    ["src/**/test/*.js", "src/test/x.js", true],
    ["src/**/test/*.js", "src/a/b/test/x.js", true],
    ["?.txt", "é.txt", true],
    ["?.txt", "ab.txt", false],
    ["[a-c].txt", "b.txt", true],
    ["[!a-c].txt", "b.txt", false],
    ["[!a-c].txt", "é.txt", true],
    ["[é].txt", "é.txt", true],
    ["{a,b}.txt", "b.txt", true],
    ["{src,test}/**/*.{ts,js}", "test/x/y.js", true],
    ["a+b(c).txt", "a+b(c).txt", true],
    ["a.b", "axb", false],
    ["\\*.txt", "*.txt", true],
    ["\\*.txt", "a.txt", false],
    ["*", "a\nb", true],
    ["[.]a", ".a", false],
    ["?a", ".a", false],
    ["{.a,b}", ".a", true],
    ["{a,b{c,d}}e", "bde", true],
    ["{a,b{c,d}}e", "bce", true],
    ["{a,b{c,d}}e", "cde", false],
    ["a{,b}", "a", true],
    ["{a/**,b}/c", "a/x/y/c", true],
    ["{*,*}.ts", "a.ts", true],
    ["{*.ts,.env}", ".a.ts", false],
    ["{*.ts,.env}", ".env", true],
    ["[{]a", "{a", true],
    ["\\{a,b\\}", "{a,b}", true],
    ["a,b}", "a,b}", true],
    ["*", ".hidden", false],
  ])("%s against %j is %s", (pattern, path, expectation) => {
    expect(found(pattern, path)).toBe(expectation);
  });

  test("finds hidden names when told to", () => {
    expect(found("**/*", ".git/config", true)).toBe(true);
    expect(found("*", ".env", true)).toBe(true);
  });

  test("starts at its leading directories and knows how deep it goes", () => {
    expect(globPattern("src/lib/*.ts")).toMatchObject({ base: "src/lib", maxDepth: 1, hidden: false });
    expect(globPattern("src/**/*.ts")).toMatchObject({ base: "src", maxDepth: undefined });
    expect(globPattern("./*/x")).toMatchObject({ base: "", maxDepth: 2 });
    expect(globPattern("a/.github/*.yml")).toMatchObject({ base: "a/.github", hidden: false });
    expect(globPattern("*/.github/*.yml")).toMatchObject({ base: "", hidden: true });
    expect(globPattern("package.json")).toMatchObject({ base: "", maxDepth: 1 });
  });

  test.each([
    "",
    "/etc/*",
    "../*",
    "a/../b",
    "[a",
    "{a,b",
    "[z-a]",
    "a\\",
    "a\0b",
    "a".repeat(4_097),
    "{a,b".repeat(9),
    "{a,b}".repeat(11),
  ])("refuses %j", (pattern) => {
    expect(() => globPattern(pattern)).toThrowError(RunnerError);
  });
});

describe("a character beyond ASCII", () => {
  test.each([
    ["?", "é", true],
    ["??", "é", false],
    ["*?", "é", true],
    ["*[!é]", "é", false],
    ["[!a]?é", "日é", false],
    ["[!a]?é", "日本é", true],
    ["?*", "\u{1f600}", true],
  ])("counts as one: %s and %s is %s", (pattern, name, expected) => {
    const { source } = globPattern(pattern);
    expect(matches(source, name)).toBe(expected);
  });

  test("may be bytes that are no UTF-8, which count as characters too", () => {
    for (const name of ["\xe9", "\x80", "a\xff"]) expect(new RegExp(globPattern("*").source).test(name)).toBe(true);
    expect(new RegExp(globPattern("?").source).test("\xe9")).toBe(true);
  });
});

describe("a glob that was made to cost much", () => {
  test.each([
    ["*a*a*a*a*a*a*b", "a".repeat(255)],
    ["*?*?*?*?*?*b", "a".repeat(255)],
    ["**/**/**/**/**/b", "a/".repeat(1_000) + "a"],
    ["**/a/**/a/**/a/**/b", "a/".repeat(1_000) + "a"],
    ["{a,b}*{a,b}*{a,b}*{a,b}*{a,b}*c", "a".repeat(255)],
    ["{*a,**/*a}*a*a*{a,b}*b", "a".repeat(255)],
    ["**/*a*a*a*a/**/*a*a*a*b", `${"a".repeat(100)}/`.repeat(20) + "a"],
  ])("is told at once, here and in Perl: %s", (pattern, path) => {
    const { source } = globPattern(pattern);
    const before = process.cpuUsage().user;
    expect(new RegExp(source).test(path)).toBe(false);
    expect(process.cpuUsage().user - before).toBeLessThan(1_000_000);
    const { status } = spawnSync("perl", ["-e", "exit(($ARGV[1] =~ /$ARGV[0]/a) ? 1 : 0)", source, path], {
      timeout: 20_000,
    });
    expect(status).toBe(0);
  });

  test("still finds what it means", () => {
    expect(found("*a*b*c", "xxaxbxaxbxc")).toBe(true);
    expect(found("a*b*c", "axcxb")).toBe(false);
    expect(found("**/a/**/b/c", "x/a/y/a/b/x/b/c")).toBe(true);
    expect(found("**/a/**/b/c", "a/b/c")).toBe(true);
    expect(found("**/a/**/b/c", "b/a/c")).toBe(false);
  });
});

describe("an exclusion", () => {
  test("of a bare name holds at any depth, of a path from the start", () => {
    const [names = "", paths = ""] = excludeExpressions(["node_modules", "build/**"]);
    expect(matches(names, "node_modules")).toBe(true);
    expect(matches(names, "a/b/node_modules")).toBe(true);
    expect(matches(names, "node_modules2")).toBe(false);
    expect(matches(paths, "build/x/y")).toBe(true);
    expect(matches(paths, "a/build/x")).toBe(false);
  });

  test("of a hidden name needs no dot in the pattern", () => {
    expect(matches(globExpression("*", "exclude[0]"), "a/.git")).toBe(true);
  });
});
