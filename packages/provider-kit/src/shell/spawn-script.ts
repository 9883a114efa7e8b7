import { throwIfAborted } from "../async/abort.js";
import type { TransportProcess } from "../transport.js";
import type { ShellPlace } from "./shell-place.js";

/**
 * Starts a shell on a script. The signal governs the starting only: a transport that would kill a process at a later abort must
 * not, as there are gentler ways to end one.
 */
export async function spawnScript(
  place: ShellPlace,
  script: string,
  operation: string,
  signal: AbortSignal | undefined,
): Promise<TransportProcess> {
  throwIfAborted(signal, operation);
  const starting = new AbortController();
  const abort = () => starting.abort(signal?.reason);
  signal?.addEventListener("abort", abort, { once: true });
  try {
    const process = await place.channel.spawn([...place.shell, "-c", script, "mooring"], { signal: starting.signal });
    // A process that ends early breaks the pipe: how it ended is the answer.
    process.stdin.on("error", () => undefined);
    return process;
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}
