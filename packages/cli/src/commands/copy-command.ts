import type { Command } from "commander";
import { type DestinationOptions, examples, subcommand, withConfig } from "./common-options.js";

interface CopyOptions extends DestinationOptions {
  readonly ignore?: readonly string[];
  readonly all?: boolean;
  readonly quiet?: boolean;
}

export function addCopyCommand(program: Command): void {
  const command = subcommand(program, "cp", "copy a file or a tree to or from a destination")
    .argument("<source>", "a local path, or <destination>::<path>")
    .argument("<target>", "a local path, or <destination>::<path>")
    .option("-i, --ignore <pattern...>", "leave out what matches, as in a .gitignore")
    .option("-a, --all", "copy also what a destination has already, of the same size, mode and time")
    .option("-q, --quiet", "show no progress")
    .action(async (source: string, target: string, options: CopyOptions) => {
      const { copy } = await import("../copy/copy.js");
      await copy(source, target, options);
    });
  examples(
    withConfig(command),
    [
      "mooring cp ./src unix-local:/srv/app::src",
      "mooring cp unix-local:/srv/app::report.json .",
      "mooring cp --ignore node_modules --ignore .git . build-box::",
    ],
    "The path after :: is relative to the workspace; nothing after it is the workspace itself.\nA directory becomes the target; a file becomes the target, or goes into it when that is a directory.\nWhat begins with / ./ ../ or ~ is a local path, whatever else is in it.",
  );
}
