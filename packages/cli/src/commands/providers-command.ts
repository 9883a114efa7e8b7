import type { Command } from "commander";
import { type DestinationOptions, examples, subcommand, withConfig } from "./common-options.js";

export function addProvidersCommand(program: Command): void {
  const providers = program.command("providers").description("what kinds of places there are");
  const list = subcommand(providers, "list", "print each provider, what it can do, and what it lacks")
    .option("--capabilities", "print every capability")
    .action(async (options: DestinationOptions & { readonly capabilities?: boolean }) => {
      const { listProviders } = await import("../destinations/list-providers.js");
      await listProviders(options);
    });
  examples(withConfig(list), ["mooring providers list", "mooring providers list --json"]);
}
