import { describe, expect, test } from "vitest";
import { readStatRecord } from "../../src/shell/shell-file-info.js";

const good = "81a4|0|0|1700000000 2023-11-14 22:13:20.123456789 +0000|8:1:12:2023:2023|./a n|./a";

describe("a record of `stat`", () => {
  test("is read", () => {
    expect(readStatRecord(good, "n")).toMatchObject({ name: "./a", sizeBytes: 12, modifiedAtMs: 1_700_000_000_123 });
  });

  test.each([
    ["a size that is none", good.replace(":12:", ":many:")],
    ["no size", good.replace("8:1:12:2023:2023", "8:1")],
    ["a time that is none", good.replace("1700000000 ", "never ")],
    ["an owner that no number can hold", good.replace("|0|0|", "|99999999999999999999|0|")],
  ])("with %s is none", (_what, text) => {
    expect(readStatRecord(text, "n")).toBeUndefined();
  });
});
