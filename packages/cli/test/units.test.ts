import { afterEach, describe, expect, it, vi } from "vitest";
import { copyEnd } from "../src/copy/copy-end.js";
import { byteText, CopyMeter } from "../src/copy/copy-meter.js";
import { durationMs } from "../src/exec/duration.js";
import { environmentPair } from "../src/exec/environment.js";
import { outcomeOf, signalNumber } from "../src/exec/exit-outcome.js";
import { printable, printableLine } from "../src/output/printable.js";
import { table } from "../src/output/table.js";

describe("what was typed", () => {
  it.each([
    ["30s", 30_000],
    ["500ms", 500],
    ["1.5h", 5_400_000],
    ["2m", 120_000],
    ["1d", 86_400_000],
    ["7", 7_000],
  ])("the time %s is %i ms", (text, expected) => {
    expect(durationMs("--timeout", text)).toBe(expected);
  });

  it.each(["", "s", "-1s", "1 s", "1w", "0", "0.0001ms", "1e3", "Infinity"])("the time %j is refused", (text) => {
    expect(() => durationMs("--timeout", text)).toThrow(
      `Expected --timeout to be a time above 0 such as 30s, 500ms, 2m or 1h, got \`${text}\``,
    );
  });

  it("a variable may be empty and hold more of =", () => {
    expect(environmentPair("A=")).toEqual(["A", ""]);
    expect(environmentPair("A=b=c")).toEqual(["A", "b=c"]);
    expect(() => environmentPair("=x")).toThrow("Expected --env to be NAME=value");
  });

  it.each([
    ["src", { kind: "local", path: "src" }],
    ["./a::b", { kind: "local", path: "./a::b" }],
    ["/a::b", { kind: "local", path: "/a::b" }],
    ["..", { kind: "local", path: ".." }],
    ["::b", { kind: "local", path: "::b" }],
    ["box::", { kind: "remote", destination: "box", path: "." }],
    ["unix-local:/srv::a/b", { kind: "remote", destination: "unix-local:/srv", path: "a/b" }],
    ["unix-local:/srv::/a::b", { kind: "remote", destination: "unix-local:/srv", path: "/a::b" }],
    ["ssh://d@[::1]/srv::a", { kind: "remote", destination: "ssh://d@[::1]/srv", path: "a" }],
  ])("the end %s of a copy is understood", (text, expected) => {
    expect(copyEnd(text)).toEqual(expected);
  });
});

describe("what is printed", () => {
  it("cannot move the cursor", () => {
    expect(printable("a\u001b[2J\r\u009b1mb\u202e\n\tc")).toBe("a\\x1b[2J\\x0d\\x9b1mb\\u202e\n\tc");
    expect(printable("a\u061cb")).toBe("a\\u61cb");
    expect(printableLine("a\nb\tc é 漢")).toBe("a\\nb c é 漢");
  });

  it("stands in columns", () => {
    expect(
      table([
        ["a", "bb", "c"],
        ["aaa", "b"],
      ]),
    ).toBe("a    bb  c\naaa  b");
  });

  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [1_000, "1.00 kB"],
    [999_999, "1.00 MB"],
    [12_345_678, "12.3 MB"],
  ])("%i bytes are %s", (bytes, expected) => {
    expect(byteText(bytes)).toBe(expected);
  });
});

describe("what to exit with", () => {
  it.each([
    [{ kind: "code", code: 0 }, "exited", 0],
    [{ kind: "code", code: 137 }, "exited", 137],
    [{ kind: "signal", signal: "SIGKILL" }, "exited", 137],
    [{ kind: "signal", signal: "SIGTERM" }, "cancelled", 143],
    [{ kind: "signal", signal: "SIG34" }, "exited", 162],
    [{ kind: "signal", signal: "SIGTERM" }, "timeout", 124],
    [{ kind: "code", code: 0 }, "timeout", 124],
    [{ kind: "unknown", detail: "lost" }, "disconnected", 125],
    [{ kind: "signal", signal: "SIGKILL" }, "out_of_memory", 137],
  ] as const)("for %j by %s is %i", (exit, reason, exitCode) => {
    expect(outcomeOf({ exit, reason }, 1_000).exitCode).toBe(exitCode);
  });

  it("says so where the code alone does not tell", () => {
    expect(outcomeOf({ exit: { kind: "unknown", detail: "gone" }, reason: "disconnected" })).toEqual({
      exitCode: 125,
      message: "What became of the command is not known (disconnected): gone",
    });
    expect(outcomeOf({ exit: { kind: "signal", signal: "SIGTERM" }, reason: "timeout" }, 1_500).message).toBe(
      "The command timed out after 1.5 s; it and its descendants were ended",
    );
    expect(signalNumber("SIGINT")).toBe(2);
  });
});

describe("the progress of a copy", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  function meterOn(isTTY: boolean) {
    vi.useFakeTimers({ toFake: ["performance"] });
    const written: string[] = [];
    const stream = { isTTY, write: (text: string) => written.push(text) > 0 };
    return { meter: new CopyMeter(stream as unknown as NodeJS.WriteStream, true), written };
  }

  const progress = { files: 3, bytes: 2_000_000, totalFiles: 4, totalBytes: 4_000_000 };

  it("is shown once it takes long, and wiped away", () => {
    const { meter, written } = meterOn(true);
    meter.show(progress);
    expect(written).toEqual([]);
    vi.advanceTimersByTime(1_000);
    meter.show(progress);
    meter.show(progress);
    expect(written).toEqual(["\r3/4 files, 2.00 MB 50 %, 2.00 MB/s\u001b[K"]);
    meter.clear();
    meter.clear();
    expect(written.slice(1)).toEqual(["\r\u001b[K"]);
  });

  it("is kept out of files and pipes", () => {
    const { meter, written } = meterOn(false);
    vi.advanceTimersByTime(1_000);
    meter.show(progress);
    meter.clear();
    expect(written).toEqual([]);
  });
});
