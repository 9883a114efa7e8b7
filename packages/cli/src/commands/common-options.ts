import type { Command } from "commander";

/** Options that every command has. */
export interface CommonOptions {
  readonly json?: boolean;
  readonly debug?: boolean;
}

/** Options of a command that opens a destination. */
export interface DestinationOptions extends CommonOptions {
  readonly config?: string;
}

/** A command below `parent`, with what all of them share. */
export function subcommand(parent: Command, name: string, summary: string): Command {
  return parent
    .command(name)
    .description(summary)
    .helpOption("-h, --help", "print help")
    .option("--json", "print JSON; errors too, on standard error")
    .option("--debug", "print stack traces of errors");
}

/** Adds what a command needs to find its destination. */
export function withConfig(command: Command): Command {
  return command.option("--config <file>", "where names of destinations are looked up");
}

/** Examples at the end of a command's help. */
export function examples(command: Command, lines: readonly string[], notes = ""): Command {
  const text = lines.map((line) => `  $ ${line}`).join("\n");
  return command.addHelpText("after", `\nExamples:\n${text}${notes === "" ? "" : `\n\n${notes}`}`);
}
