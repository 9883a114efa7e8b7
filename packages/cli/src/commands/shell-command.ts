import type { Command } from "commander";
import { usageError } from "../cli-error.js";
import { exitCodeHelp } from "../exit-codes.js";
import { type DestinationOptions, examples, subcommand, withConfig } from "./common-options.js";

interface ShellOptions extends DestinationOptions {
  readonly cwd?: string;
  readonly shell?: string;
  readonly confine?: boolean;
}

/** $SHELL over there where it can be executed, and /bin/sh where not. */
const loginShell = '[ -x "$SHELL" ] && exec "$SHELL"; exec /bin/sh';

export function addShellCommand(program: Command): void {
  const command = subcommand(program, "shell", "open a shell at a destination, on this terminal")
    .argument("<destination>", "a location or a configured name")
    .option("-C, --cwd <directory>", "working directory, relative to the workspace")
    .option("--shell <program>", "the shell to run instead of $SHELL or /bin/sh")
    .option("--confine", "let it write in the workspace only; refused where the kernel cannot")
    .action(async (destination: string, options: ShellOptions) => {
      process.exitCode = await shell(destination, options);
    });
  examples(
    withConfig(command),
    ["mooring shell unix-local:.", "mooring shell unix-local:/srv/app --shell bash --confine"],
    exitCodeHelp,
  );
}

async function shell(destination: string, options: ShellOptions): Promise<number> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw usageError("mooring shell: expected a terminal as standard input and output; without one use mooring exec");
  }
  const { resolveDestination } = await import("../destinations/resolve-destination.js");
  const resolved = await resolveDestination(destination, options);
  const { runConnected } = await import("../exec/run-connected.js");
  const { finish } = await import("../exec/finish.js");
  const { cwd } = options;
  const term = process.env["TERM"];
  const outcome = await runConnected({
    resolved,
    request: {
      ...(options.shell === undefined ? { script: loginShell } : { program: options.shell }),
      ...(cwd === undefined ? {} : { cwd }),
      ...(term === undefined ? {} : { env: [["TERM", term]] }),
    },
    tty: true,
    input: true,
    confine: options.confine === true,
  });
  return await finish(outcome);
}
