import { expect, test } from "vitest";
import { expected } from "../../src/errors/expected.js";

test("what came is told as one short line that steers no terminal", () => {
  expect(expected("cwd", "a path", "a\u001b[2J\n\u202eb").message).toBe(
    String.raw`Expected ${"`cwd`"} to be a path, got ${"`"}a\u001b[2J\u000a\u202eb${"`"} (string)`,
  );
  expect(expected("cwd", "a path", "x".repeat(1_000)).message).toHaveLength(124);
});
