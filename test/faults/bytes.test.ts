import { expect, test } from "vitest";
import { expectNoViolation } from "./faults-tests.js";
import { helperPlace } from "./places/child-places.js";

test(
  "over the resident helper every call above a failing transport settles rightly, and nothing is left",
  { timeout: 600_000 },
  async () => {
    await using place = helperPlace("bytes");
    const { faults } = await expectNoViolation(place, 300, "bytes");
    expect(faults).toBeGreaterThan(150);
  },
);
