import type { RemoteRunnerProvider, RunnerDestination } from "@mooring/api";

/** Lists the environments that carry the marker, one a line. A process that is gone by the time it is looked at is none. */
const findMarked = 'grep -lF "$1" /proc/[0-9]*/environ 2>/dev/null; true';

/**
 * How many processes of the main job still live on the runner, found from a session of its own: all that the job
 * starts carry the marker in their environment.
 */
export async function countLeftovers(
  provider: RemoteRunnerProvider,
  destination: RunnerDestination,
  marker: string,
): Promise<number> {
  const session = await provider.createSession(destination);
  try {
    const result = await session.commands.run({
      program: "sh",
      args: ["-c", findMarked, "sh", marker],
      timeoutMs: 30_000,
    });
    if (result.exit.kind !== "code" || result.exit.code !== 0) {
      throw new Error(`Could not look for processes: ${JSON.stringify(result.exit)}`);
    }
    return result.stdout
      .text()
      .split("\n")
      .filter((line) => line !== "").length;
  } finally {
    await session.destroy();
  }
}
