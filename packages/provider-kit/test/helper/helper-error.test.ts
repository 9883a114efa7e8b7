import { expect, test } from "vitest";
import { helperError } from "../../src/helper/helper-error.js";
import { readRecord } from "../../src/helper/record-reader.js";
import { packRecord } from "../support/helper-records.js";

const call = { operation: "files.read", resource: "file" } as const;

test("an ERROR record whose parts cannot be read still makes an error, without those parts", () => {
  const record = readRecord(packRecord({ code: "conflict", survivors: "no list", floorStdout: "x", floorStderr: 12 }));
  const error = helperError(record, call);
  expect(error).toMatchObject({ code: "conflict", details: { floorStderr: 12 } });
  expect(error.details).toEqual({ floorStderr: 12 });
});

test("a message of the far side is one bounded line that steers no terminal", () => {
  const record = readRecord(packRecord({ errno: "EIO\u001b", message: `a\u001b[2J\nb${"x".repeat(1_000_000)}` }));
  const error = helperError(record, call);
  expect(error.message).toMatch(/^files\.read: a\\u001b\[2J\\u000abx*\.\.\.$/);
  expect(error.message.length).toBeLessThan(2_100);
  expect(error.details).toEqual({ errno: String.raw`EIO\u001b` });
});
