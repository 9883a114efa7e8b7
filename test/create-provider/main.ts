// `npm run create-provider`: how long a new user needs from the command to a green kit. With `--long`, over every base and with
// nothing of other packages in npm's cache.
import process from "node:process";
import { described, firstProvider } from "./first-provider.js";
import { newUser } from "./new-user.js";

const isLong = process.argv.includes("--long");
const bases = isLong ? ["command", "http", "memory"] : ["command"];
const limitMs = 300_000;

let worstMs = 0;
let failed = 0;
for (const base of bases) {
  // Each on a machine that has seen no other.
  await using user = await newUser({ emptyCache: isLong });
  const made = await firstProvider(user, base);
  console.log(described(made));
  if (!made.isGreen) console.log(made.steps.at(-1)?.output ?? "");
  if (!made.isGreen || made.durationMs >= limitMs) failed += 1;
  worstMs = Math.max(worstMs, made.durationMs);
}
const minutes = (worstMs / 60_000).toFixed(2);
console.log(
  `${bases.length} providers made, ${failed} not green within 5 minutes, the slowest after ${minutes} minutes`,
);
process.exitCode = failed === 0 ? 0 : 1;
