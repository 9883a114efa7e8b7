import type { Command } from "commander";
import { type DestinationOptions, examples, subcommand, withConfig } from "./common-options.js";

export function addSessionsCommand(program: Command): void {
  const sessions = program.command("sessions").description("sessions at a destination, and what was left behind");
  for (const [name, summary] of [
    ["list", "print the sessions that are recorded there"],
    ["reap", "remove sessions whose owner is gone, and nothing else"],
  ] as const) {
    const command = subcommand(sessions, name, summary)
      .argument("<destination>", "a location or a configured name")
      .option("-l, --label <name=value...>", "only sessions that carry this label")
      .action(async (destination: string, options: SessionsOptions) => {
        const { listSessions, reapSessions } = await import("../destinations/sessions.js");
        await (name === "list" ? listSessions : reapSessions)(destination, options);
      });
    examples(
      withConfig(command),
      [`mooring sessions ${name} unix-local:.`, `mooring sessions ${name} unix-local:. --label thread=t1`],
      "Only sessions that were opened with the destination's own root are looked at.",
    );
  }
}

interface SessionsOptions extends DestinationOptions {
  readonly label?: readonly string[];
}
