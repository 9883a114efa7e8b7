import { describe, expect, test } from "vitest";
import { WorkspacePaths } from "../src/tools/workspace-paths.js";

const paths = new WorkspacePaths(["/home/dev/app/", "/private/app"], ["/usr/share", "/opt/read only"]);

function outcome(check: () => string): string {
  try {
    return check();
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe("A path that a tool is given", () => {
  // path as given, as a reader gets it, as a writer gets it
  test.each([
    ["", ".", "."],
    [".", ".", "."],
    ["./", ".", "."],
    ['"."', ".", "."],
    ["'./'", ".", "."],
    ['""', ".", "."],
    ["/home/dev/app", ".", "."],
    ["/home/dev/app/", ".", "."],
    ["a.txt", "a.txt", "a.txt"],
    ["./a.txt", "a.txt", "a.txt"],
    ['"src/a b.txt"', "src/a b.txt", "src/a b.txt"],
    ["src//x/../a.txt", "src/a.txt", "src/a.txt"],
    ["src/", "src", "src"],
    ["...", "...", "..."],
    ["..a/b", "..a/b", "..a/b"],
    ["./~backup", "~backup", "~backup"],
    ["./file:x", "file:x", "file:x"],
    ["./'x'", "'x'", "'x'"],
    [" leading", " leading", " leading"],
    ["12:30.log", "12:30.log", "12:30.log"],
    ["/home/dev/app/a.txt", "a.txt", "a.txt"],
    ["/home/dev/../dev/app/./a.txt", "a.txt", "a.txt"],
    ["/private/app/a.txt", "a.txt", "a.txt"],
    ["/usr/share", "/usr/share", "path_escape"],
    ["/usr/share/dict/words", "/usr/share/dict/words", "path_escape"],
    ["/opt/read only/x", "/opt/read only/x", "path_escape"],
    ["..", "path_escape", "path_escape"],
    ["../app2", "path_escape", "path_escape"],
    ["src/../../x", "path_escape", "path_escape"],
    ["/home/dev/app/../other", "path_escape", "path_escape"],
    ["/home/dev/app2/a.txt", "path_escape", "path_escape"],
    ["/usr/share/../bin", "path_escape", "path_escape"],
    ["/usr/shared", "path_escape", "path_escape"],
    ["/etc/passwd", "path_escape", "path_escape"],
    ["/", "path_escape", "path_escape"],
    ["//etc/passwd", "path_escape", "path_escape"],
    ["~", "invalid_request", "invalid_request"],
    ["~/x", "invalid_request", "invalid_request"],
    ["~root/x", "invalid_request", "invalid_request"],
    ['"~/x"', "invalid_request", "invalid_request"],
    ["file:/home/dev/app/a.txt", "invalid_request", "invalid_request"],
    ["file:///home/dev/app/a.txt", "invalid_request", "invalid_request"],
    ["ssh://box/x", "invalid_request", "invalid_request"],
    ["C:\\x", "invalid_request", "invalid_request"],
    ["a\0b", "invalid_request", "invalid_request"],
  ])("%j reads as %j and writes as %j", (given, read, written) => {
    expect(outcome(() => paths.readable(given, "path"))).toBe(read);
    expect(outcome(() => paths.writable(given, "path"))).toBe(written);
  });

  test("is named in the refusal, with its field and what would have been right", () => {
    expect(() => paths.writable("/usr/share/x", "cwd")).toThrow(
      'Expected `cwd` to lie in the workspace, got "/usr/share/x" (string): a read root can only be read',
    );
    expect(() => paths.readable("~/x", "path")).toThrow(
      'Expected `path` to be a path relative to the workspace or an absolute one, got "~/x" (string): home directories are not known here; a file of that name is "./~/x"',
    );
  });

  test("of the session is shown relative to the workspace where it lies there", () => {
    expect(paths.display("/private/app/src/a.txt")).toBe("src/a.txt");
    expect(paths.display("/usr/share/x")).toBe("/usr/share/x");
  });
});

test("A workspace that is the root holds every path", () => {
  expect(new WorkspacePaths(["/"], []).writable("/etc/x", "path")).toBe("etc/x");
});

test("a path that is longer than any is refused at once and told by its beginning", () => {
  for (const path of ["../".repeat(50_000), `~${"x".repeat(100_000)}`]) {
    const before = process.cpuUsage().user;
    expect(() => paths.readable(path, "path")).toThrow("it is longer than 4096 characters");
    expect(process.cpuUsage().user - before).toBeLessThan(1_000_000);
  }
});
