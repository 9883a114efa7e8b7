import process from "node:process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { described, type FirstProvider, firstProvider } from "./first-provider.js";
import { type NewUser, newUser } from "./new-user.js";

const fiveMinutes = 300_000;
// The whole kit over a helper takes minutes: over these bases it is run where there is time (`npm run create-provider -- --long`).
const isLong = process.env["MOORING_CREATE_PROVIDER"] === "long";
const transportOnly = isLong ? {} : { "npm test": "npm test -- test/transport.test.ts" };
const serviceOnly = isLong ? {} : { "npm test": "npm test -- test/service.test.ts" };
let user: NewUser;

beforeAll(async () => {
  user = await newUser();
}, 120_000);

afterAll(async () => {
  await user?.[Symbol.asyncDispose]();
});

test.each([
  ["memory", {}, 60],
  ["command", transportOnly, 1],
  ["http", serviceOnly, 15],
] as readonly (readonly [string, Readonly<Record<string, string>>, number])[])(
  "a new provider over the base %s is green within five minutes of the command, by what was printed alone",
  async (base, instead, atLeast) => {
    const made = await firstProvider(user, base, instead);
    expect(made.isGreen, everythingOf(made)).toBe(true);
    expect(made.passed).toBeGreaterThanOrEqual(atLeast);
    expect(made.durationMs).toBeLessThan(fiveMinutes);
    expect(made.steps.map(({ command }) => command)).toEqual([
      `npm create @mooring/provider my-${base} -- --base ${base} --yes`,
      `cd my-${base}`,
      "npm install",
      expect.stringMatching(/^npm test/),
    ]);
    // What its author does next works, too.
    for (const script of ["npm run typecheck", "npm pack --dry-run"]) {
      const { exitCode, output } = await user.type(script);
      expect(exitCode, output).toBe(0);
    }
  },
  600_000,
);

function everythingOf(made: FirstProvider): string {
  return [described(made), ...made.steps.map(({ command, output }) => `$ ${command}\n${output.slice(-8_000)}`)].join(
    "\n",
  );
}
