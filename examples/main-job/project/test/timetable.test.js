import assert from "node:assert/strict";
import { test } from "node:test";
import { nextDeparture } from "../src/timetable.js";

test("the next ferry of the day is found", () => {
  assert.deepEqual(nextDeparture("Old Harbour", "07:00"), {
    departure: "07:15",
    waitMinutes: 15,
    tomorrow: false,
  });
});

test("a ferry that leaves right now is still caught", () => {
  assert.equal(nextDeparture("North Quay", "12:20").waitMinutes, 0);
});

test("after the last ferry the wait is until tomorrow's first", () => {
  assert.deepEqual(nextDeparture("Old Harbour", "22:00"), {
    departure: "06:30",
    waitMinutes: 510,
    tomorrow: true,
  });
});

test("an unknown pier is refused", () => {
  assert.throws(() => nextDeparture("Atlantis", "10:00"), /No such pier/);
});
