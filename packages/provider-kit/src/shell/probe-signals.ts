import type { ShellPlace } from "./shell-place.js";

/** Whether this transport tells a death by a signal from an exit code: found out by one. */
export async function exactSignals(place: ShellPlace, signal: AbortSignal): Promise<boolean> {
  const process = await place.channel.spawn([...place.shell, "-c", "kill -9 $$"], { signal });
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined).resume();
  process.stdin.on("error", () => undefined).end();
  return (await process.exited).signal === "SIGKILL";
}
