import type { TransportProcess } from "../transport.js";

/**
 * A process whose every failure is told by its streams and its end alone: nothing of it throws, and no stream's error is
 * nobody's.
 */
export function guardProcess(process: TransportProcess): TransportProcess {
  const { stdin, stdout, stderr } = process;
  // Whoever uses a stream listens for himself; these only see to it that somebody does.
  for (const stream of [stdin, stdout, stderr]) stream.on("error", () => undefined);
  return {
    stdin,
    stdout,
    stderr,
    exited: Promise.resolve(process.exited).catch(() => ({ code: null, signal: null })),
    kill() {
      try {
        process.kill();
      } catch {
        // Its streams are closed besides, which ends what we started.
      }
    },
  };
}
