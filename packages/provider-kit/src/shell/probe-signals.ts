import { within } from "../async/within.js";
import type { ShellPlace } from "./shell-place.js";
import { spawnScript } from "./spawn-script.js";

/** Whether this transport tells a death by a signal from an exit code: found out by one. */
export async function exactSignals(place: ShellPlace, signal: AbortSignal): Promise<boolean> {
  const process = await spawnScript(place, "kill -9 $$", "opening the session", signal);
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined).resume();
  process.stdin.end();
  const exit = await within(place.leaseMs, process.exited, undefined);
  if (exit === undefined) process.kill();
  return exit?.signal === "SIGKILL";
}
