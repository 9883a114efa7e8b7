import type { Command } from "commander";
import { type CommonOptions, examples, subcommand } from "./common-options.js";

export function addConfigCommand(program: Command): void {
  const config = program.command("config").description("settings and their defaults");
  const defaults = subcommand(config, "defaults", "print the defaults of a component")
    .argument("<component>", "orchestrator, commands, helper or cli")
    .action(async (component: string, options: CommonOptions) => {
      const { printDefaults } = await import("../config/print-defaults.js");
      await printDefaults(component, options.json === true);
    });
  examples(defaults, ["mooring config defaults commands", "mooring config defaults orchestrator --json"]);
}
