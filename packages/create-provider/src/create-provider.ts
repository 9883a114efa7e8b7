import path from "node:path";
import process from "node:process";
import { askForWishes } from "./ask.js";
import { readArguments } from "./arguments.js";
import { nextSteps } from "./next-steps.js";
import { usage } from "./usage.js";
import { writePackage } from "./write-package.js";

/** Makes a provider package as the arguments say, asks for what they leave open where somebody can answer, and prints what to do next. */
export async function createProvider(argv: readonly string[]): Promise<void> {
  const given = readArguments(argv);
  if (given.help) {
    process.stdout.write(usage);
    return;
  }
  const interactive = !given.yes && process.stdin.isTTY && process.stdout.isTTY;
  const wishes = await askForWishes(given, interactive);
  // The user left the questions.
  if (wishes === undefined) {
    process.exitCode = 130;
    return;
  }
  await writePackage({ ...wishes, directory: path.resolve(wishes.name) });
  process.stdout.write(nextSteps(wishes));
}
