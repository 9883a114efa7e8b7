import { usageError } from "../cli-error.js";
import { table } from "../output/table.js";
import { printJson, printLine } from "../output/write.js";
import { cliDefaults, commandDefaults, helperDefaults } from "./component-defaults.js";

type Defaults = Readonly<Record<string, unknown>>;

const components: Readonly<Record<string, () => Promise<Defaults>>> = {
  orchestrator: async () => (await import("@mooring/orchestrator")).orchestratorDefaults,
  commands: async () => commandDefaults,
  helper: async () => helperDefaults,
  cli: async () => cliDefaults,
};

/** Prints the settings of a component as they are when nothing else is asked for. */
export async function printDefaults(component: string, json: boolean): Promise<void> {
  const load = Object.hasOwn(components, component) ? components[component] : undefined;
  if (load === undefined) {
    throw usageError(`Expected a component (${Object.keys(components).join(", ")}), got \`${component}\``);
  }
  const defaults = await load();
  if (json) await printJson(defaults);
  else {
    await printLine(table(Object.entries(defaults).map(([name, value]) => [name, JSON.stringify(value)])));
  }
}
