import { parseArgs } from "node:util";
import { type Base, bases, isBase } from "./bases.js";
import { InputError } from "./input-error.js";

/** What the command line says; the rest is asked for, or has a default. */
export interface GivenWishes {
  readonly name: string | undefined;
  readonly base: Base | undefined;
  readonly yes: boolean;
  readonly help: boolean;
}

export function readArguments(argv: readonly string[]): GivenWishes {
  const { values, positionals } = parsed(argv);
  const [name, ...rest] = positionals;
  if (rest.length > 0) throw new InputError(`Expected one name, got ${positionals.length}: ${positionals.join(" ")}`);
  if (name !== undefined) requireName(name);
  const { base } = values;
  if (base !== undefined && !isBase(base)) {
    throw new InputError(`Expected --base to be one of ${Object.keys(bases).join(", ")}, got \`${base}\``);
  }
  return { name, base, yes: values.yes ?? false, help: values.help ?? false };
}

/** What is wrong with a name, in words for whoever typed it; nothing when it can be a provider's id. */
export function faultOfName(name: string): string | undefined {
  if (/^[a-z][a-z0-9-]{0,63}$/.test(name)) return undefined;
  return `Expected a name of a lower-case letter and then at most 63 of a-z 0-9 and -, got \`${name}\``;
}

function requireName(name: string): void {
  const fault = faultOfName(name);
  if (fault !== undefined) throw new InputError(fault);
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        base: { type: "string" },
        yes: { type: "boolean", short: "y" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    // Its codes begin so for everything that a user typed.
    if (error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS_")) {
      throw new InputError(error.message);
    }
    throw error;
  }
}
