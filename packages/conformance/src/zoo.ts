export { type ProcessZooOptions, runProcessZoo } from "./zoo/process-zoo.js";
export { offspringKinds, type OffspringKind } from "./zoo/offspring-kinds.js";
export { endingLimitMs, type ProcessZooReport, type ZooCell } from "./zoo/zoo-tally.js";
export { type ZooEnding, zooEndings } from "./zoo/zoo-ending.js";
export type { DurableKillsReport, KillMoment } from "./zoo/durable/durable-report.js";
export { type DurableKillsOptions, killDurableOwners } from "./zoo/durable/kill-durable-owners.js";
