export { raceFiles, type RaceOptions, raceVerbIds } from "./swapper/race-files.js";
export {
  type RaceAttacker,
  raceAttackers,
  type RaceResult,
  type RaceShape,
  raceShapes,
} from "./swapper/race-result.js";
export { leastSuccess, type RaceSummary, summarizeRaces } from "./swapper/race-summary.js";
