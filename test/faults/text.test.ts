import { expect, test } from "vitest";
import { expectNoViolation } from "./faults-tests.js";
import { helperPlace } from "./places/child-places.js";

test("over a channel that decodes what passes it is no different", { timeout: 600_000 }, async () => {
  await using place = helperPlace("text");
  const { faults } = await expectNoViolation(place, 200, "text");
  expect(faults).toBeGreaterThan(130);
});
