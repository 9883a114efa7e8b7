import type { Scenario } from "../scenario.js";
import { commandScenarios } from "./commands.js";
import { fileScenarios } from "./files.js";
import { lifecycleScenarios } from "./lifecycle.js";
import { portScenarios } from "./ports.js";

/** Together they make every call of the contract. */
export const allScenarios: readonly Scenario[] = [
  ...lifecycleScenarios,
  ...commandScenarios,
  ...fileScenarios,
  ...portScenarios,
];
