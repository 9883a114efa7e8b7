import { expect, test } from "vitest";
import { expectNoViolation } from "./faults-tests.js";
import { shellPlace } from "./places/child-places.js";

test("over a shell, where there is no Perl, it is no different", { timeout: 600_000 }, async () => {
  await using place = await shellPlace();
  const { faults } = await expectNoViolation(place, 200, "shell");
  expect(faults).toBeGreaterThan(130);
});
