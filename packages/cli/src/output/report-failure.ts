import { inspect } from "node:util";
import { CommanderError } from "commander";
import { CliError } from "../cli-error.js";
import { exitCodes } from "../exit-codes.js";
import { coloursFor } from "./colours.js";
import { printable } from "./printable.js";
import { warnLine } from "./write.js";

/** What is told of a failure. */
interface Failure {
  readonly code: string;
  readonly message: string;
  readonly exitCode: number;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** Tells of a failure on standard error, as `--json` and `--debug` ask for, and gives the exit code. */
export async function reportFailure(error: unknown, argv: readonly string[]): Promise<number> {
  if (error instanceof CommanderError && error.exitCode === 0) return 0;
  // Its help was printed instead.
  if (error instanceof CommanderError && error.code === "commander.help") return exitCodes.usage;
  const ours = argv.slice(0, argv.includes("--") ? argv.indexOf("--") : argv.length);
  const failure = describe(error);
  if (ours.includes("--json")) {
    const { code, message, facts } = failure;
    await warnLine(JSON.stringify({ error: { ...facts, code, message } }));
  } else {
    const colours = coloursFor(process.stderr);
    await warnLine(`${colours.red("mooring:")} ${printable(failure.message)}`);
  }
  if (ours.includes("--debug")) await warnLine(printable(stackOf(error)));
  return failure.exitCode;
}

function describe(error: unknown): Failure {
  if (error instanceof CommanderError) {
    const message = `${error.message.replace(/^error: /, "")} (--help tells how it is used)`;
    return { code: "invalid_request", message, exitCode: exitCodes.usage, facts: {} };
  }
  if (error instanceof CliError) {
    const cause = isRunnerError(error.cause) ? error.cause.toJSON() : {};
    return { code: error.code, message: error.message, exitCode: error.exitCode, facts: cause };
  }
  if (isRunnerError(error)) {
    const exitCode = error.code === "invalid_request" ? exitCodes.usage : exitCodes.failure;
    return { code: error.code, message: error.message, exitCode, facts: error.toJSON() };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { code: "internal", message, exitCode: exitCodes.failure, facts: {} };
}

interface RunnerErrorLike extends Error {
  readonly code: string;
  toJSON(): Record<string, unknown>;
}

/** As `RunnerError.is`, without loading the contract's package for a failure that came before it was needed. */
function isRunnerError(value: unknown): value is RunnerErrorLike {
  return typeof value === "object" && value !== null && Symbol.for("mooring.RunnerError") in value;
}

function stackOf(error: unknown): string {
  const lines: string[] = [];
  for (let at: unknown = error, depth = 0; at !== undefined && depth < 8; depth += 1) {
    lines.push(at instanceof Error ? (at.stack ?? at.message) : inspect(at));
    at = at instanceof Error ? at.cause : undefined;
  }
  return lines.join("\ncaused by: ");
}
