import { isCancel, select, text } from "@clack/prompts";
import { faultOfName, type GivenWishes } from "./arguments.js";
import { type Base, bases } from "./bases.js";
import { InputError } from "./input-error.js";

/** All that has to be known. */
export interface Wishes {
  readonly name: string;
  readonly base: Base;
}

/** What is given, completed by answers, or by defaults where nobody can be asked. Nothing when the user left. */
export async function askForWishes(given: GivenWishes, interactive: boolean): Promise<Wishes | undefined> {
  const name = given.name ?? (interactive ? await askForName() : undefined);
  if (name === undefined) {
    if (interactive) return undefined;
    throw new InputError("Expected a name for the provider, got none");
  }
  const base = given.base ?? (interactive ? await askForBase() : "command");
  return base === undefined ? undefined : { name, base };
}

async function askForName(): Promise<string | undefined> {
  const name = await text({
    message: "What is the provider called?",
    placeholder: "my-place",
    validate: (value) => faultOfName(value ?? ""),
  });
  return isCancel(name) ? undefined : name;
}

async function askForBase(): Promise<Base | undefined> {
  const options = Object.entries(bases).map(([value, hint]) => ({ value: value as Base, label: value, hint }));
  const base = await select({ message: "What reaches the place?", options });
  return isCancel(base) ? undefined : base;
}
