import { text } from "node:stream/consumers";
import { RunnerError } from "@mooring/api";
import type { RunnerTransport } from "@mooring/provider-kit";

const deadlineMs = 15_000;
/** Comes back unchanged only if arguments arrive as they were given. */
const greeting = `reached: 'it' "is" $HOME \\ *`;

/**
 * Runs one small process over there, so that a place which cannot be reached is `unavailable`, with what the command said of
 * it, and is never taken for a session that is gone.
 */
export async function reachPlace(transport: RunnerTransport, signal: AbortSignal | undefined): Promise<void> {
  const limit = AbortSignal.timeout(deadlineMs);
  const process = await transport.channel.spawn(
    ["sh", "-c", 'printf %s "$1"', "sh", greeting],
    signal === undefined ? {} : { signal },
  );
  const end = AbortSignal.any(signal === undefined ? [limit] : [limit, signal]);
  const kill = () => process.kill();
  end.addEventListener("abort", kill, { once: true });
  // An abort that came while the process was being started has had no listener.
  if (end.aborted) kill();
  process.stdin.on("error", () => undefined).end();
  const [stdout, stderr, exit] = await Promise.all([text(process.stdout), text(process.stderr), process.exited]);
  end.removeEventListener("abort", kill);
  if (signal?.aborted === true) {
    throw new RunnerError("cancelled", "Reaching the place was cancelled by its signal", {
      phase: "before_start",
      retryable: false,
      cause: signal.reason,
    });
  }
  if (limit.aborted) throw unreachable(`did not answer within ${deadlineMs} ms`, stderr);
  if (exit.code !== 0) throw unreachable(`ended with ${exit.code ?? exit.signal ?? "nothing known"}`, stderr);
  // A login shell may greet first.
  if (!stdout.endsWith(greeting)) {
    throw unreachable(`gave an argument back as ${JSON.stringify(stdout.slice(-80))}: is \`passes\` right?`, stderr);
  }
}

function unreachable(what: string, stderr: string): RunnerError {
  const complaint = stderr.trim().split("\n").at(-1)?.slice(0, 400) ?? "";
  const message = `The place cannot be reached: \`command\` ${what}${complaint === "" ? "" : ` (${complaint})`}`;
  return new RunnerError("unavailable", message, { resource: "session", phase: "before_start", retryable: null });
}
