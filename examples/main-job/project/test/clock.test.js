import assert from "node:assert/strict";
import { test } from "node:test";
import { formatTime, parseTime } from "../src/clock.js";

test("a time of day is minutes since midnight", () => {
  assert.equal(parseTime("00:00"), 0);
  assert.equal(parseTime("23:59"), 1439);
  assert.equal(formatTime(405), "06:45");
});

test("what is no time of day is refused", () => {
  for (const text of ["24:00", "7:00", "07:60", ""]) {
    assert.throws(() => parseTime(text), RangeError);
  }
});
