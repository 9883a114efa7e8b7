import { randomBytes } from "node:crypto";
import { RunnerError } from "@mooring/api";
import { cancelledError } from "../async/abort.js";
import { closedWithin } from "../async/closed-within.js";
import type { FarSideOptions } from "../far-side/far-side.js";
import { perlHelperSource } from "../generated/helper-source.js";
import { helperBootArgv, helperHeader } from "../helper-boot.js";
import type { TransportChannel, TransportProcess } from "../transport.js";
import { Connection } from "./connection.js";
import { Handshake } from "./handshake.js";
import { lastOutput } from "./last-output.js";

/** How long output may still come from a helper that has ended. */
const afterExitMs = 500;
/** How a program ends that is not there or cannot be executed, and how our own line of Perl says that this one cannot run the helper. */
const absentCodes: ReadonlySet<number | null> = new Set([69, 70, 126, 127]);

/** A helper that answers, or why there can be none here. */
export type HelperStart =
  | { readonly connection: Connection; readonly process: TransportProcess }
  | { readonly absent: RunnerError };

type StartOptions = Pick<FarSideOptions, "leaseMs" | "openTimeoutMs" | "signal">;

/**
 * Starts the Perl helper and waits for its first line. `absent` when there is no Perl, or none that can run it; rejects with
 * `unavailable` when nothing is heard in time or it ended otherwise, `corrupt` when something else answers, `cancelled` when the signal is aborted.
 */
export async function startHelper(
  channel: TransportChannel,
  options: StartOptions,
  source: string = perlHelperSource,
): Promise<HelperStart> {
  const { signal } = options;
  const begin = performance.now();
  let process: TransportProcess;
  try {
    process = await channel.spawn(helperBootArgv, signal === undefined ? {} : { signal });
  } catch (error) {
    if (RunnerError.is(error) && error.code === "not_found") return { absent: error };
    throw error;
  }
  const complaint = lastOutput(process.stderr);
  const nonce = randomBytes(16).toString("hex");
  try {
    return await new Promise<HelperStart>((resolve, reject) => {
      const handshake = new Handshake(nonce);
      let connection: Connection | undefined;
      const decide = (decision: () => void) => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", onAbort);
        decision();
      };
      const onAbort = () => {
        if (signal !== undefined) decide(() => reject(cancelledError(signal, "opening the session", "unknown")));
      };
      const timer = setTimeout(
        () => decide(() => reject(silentError(options.openTimeoutMs, `${handshake.noiseNote()}${complaint()}`))),
        options.openTimeoutMs - (performance.now() - begin),
      );
      signal?.addEventListener("abort", onAbort, { once: true });
      process.stdout.on("data", (chunk: Buffer) => {
        if (connection !== undefined) return connection.receive(chunk);
        try {
          const rest = handshake.push(chunk);
          if (rest === undefined) return;
          connection = new Connection({ process, kind: channel.kind, leaseMs: options.leaseMs, complaint });
          const opened = connection;
          decide(() => resolve({ connection: opened, process }));
          if (rest.length > 0) opened.receive(rest);
        } catch (error) {
          decide(() => reject(error));
        }
      });
      process.stdout.on("error", () => undefined);
      // A process that ends at once takes no more input; what became of it is told by its end.
      process.stdin.on("error", () => undefined);
      void process.exited.then(async ({ code, signal: killedBy }) => {
        await closedWithin(afterExitMs, process.stdout);
        const note = `${handshake.noiseNote()}${complaint()}`;
        // Any other end says nothing about whether there is a Perl: it is no reason for the lesser helper.
        decide(() =>
          absentCodes.has(code)
            ? resolve({ absent: endedError("not_found", code, note) })
            : reject(endedError("unavailable", killedBy ?? code, note)),
        );
      });
      process.stdin.write(helperHeader(source, nonce, channel.kind));
      process.stdin.write(source);
    });
  } catch (error) {
    process.kill();
    process.stdin.destroy();
    process.stdout.destroy();
    throw error;
  }
}

function silentError(timeoutMs: number, note: string): RunnerError {
  return new RunnerError("unavailable", `The helper on the far side did not answer within ${timeoutMs} ms${note}`, {
    resource: "session",
    retryable: true,
    phase: "before_start",
  });
}

function endedError(code: "not_found" | "unavailable", how: string | number | null, note: string): RunnerError {
  return new RunnerError(code, `The Perl helper ended before it answered (${how ?? "unknown"})${note}`, {
    resource: "session",
    retryable: code === "unavailable" ? null : false,
    phase: "before_start",
  });
}
