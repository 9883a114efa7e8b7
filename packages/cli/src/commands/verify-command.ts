import type { Command } from "commander";
import { type DestinationOptions, examples, subcommand, withConfig } from "./common-options.js";

interface VerifyOptions extends DestinationOptions {
  readonly group?: readonly string[];
  readonly only?: readonly string[];
  readonly slowness?: string;
  readonly list?: boolean;
  readonly facts?: string;
}

export function addVerifyCommand(program: Command): void {
  const command = subcommand(program, "verify", "measure what a destination really does")
    .argument("<destination>", "a location or a configured name")
    .option("-g, --group <name...>", "run these groups of checks only")
    .option("-o, --only <id...>", "run these checks only")
    .option("--slowness <factor>", "multiply every deadline, for a place that is far away")
    .option("--facts <module>", "what only you can say of the place: `sever`, `kill`, `owner`, `leaseMs`, ...")
    .option("--list", "print the checks and run none")
    .action(async (destination: string, options: VerifyOptions) => {
      const { verify } = await import("../verify/verify.js");
      process.exitCode = await verify(destination, options);
    });
  examples(
    withConfig(command),
    [
      "mooring verify unix-local:/tmp/try",
      "mooring verify unix-local:/tmp/try --group files --group commands",
      "mooring verify unix-local:/tmp/try --json > report.json",
      "mooring verify my-place --facts ./facts.mjs",
    ],
    "The checks work in directories of their own under the destination's workspace and remove them.\nExit codes: 0 every check passed or was skipped with a reason, 1 one failed, 2 the command line was wrong.",
  );
}
