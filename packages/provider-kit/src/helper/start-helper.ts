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
/** How long a helper that needs no program may take to answer. */
const readyMs = 5_000;
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
  const begin = performance.now();
  const ready = source === perlHelperSource ? await startReady(channel, options, begin) : undefined;
  if (ready !== undefined) return ready;
  const nonce = newNonce();
  let process: TransportProcess;
  try {
    process = await channel.spawn(helperBootArgv, withSignal(options));
  } catch (error) {
    if (isNotFound(error)) return { absent: error };
    throw error;
  }
  const answer = helperAnswer(process, { ...options, begin, kind: channel.kind, nonce });
  process.stdin.write(helperHeader(source, nonce, channel.kind));
  process.stdin.write(source);
  return answer;
}

/** The helper, where the channel has one that needs no program, and it answers. */
async function startReady(
  channel: TransportChannel,
  options: StartOptions,
  begin: number,
): Promise<HelperStart | undefined> {
  const nonce = newNonce();
  let process: TransportProcess | undefined;
  try {
    process = await channel.startReady?.(helperHeader("", nonce, channel.kind), withSignal(options));
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
  if (process === undefined) return undefined;
  const openTimeoutMs = Math.min(options.openTimeoutMs, performance.now() - begin + readyMs);
  try {
    const answer = await helperAnswer(process, { ...options, openTimeoutMs, begin, kind: channel.kind, nonce });
    return "absent" in answer ? undefined : answer;
  } catch (error) {
    // What it came from may be lost, or stopped. It has been asked for nothing yet, so it may be started in another way.
    if (RunnerError.is(error) && error.code === "unavailable") return undefined;
    throw error;
  }
}

function newNonce(): string {
  return randomBytes(16).toString("hex");
}

function withSignal({ signal }: StartOptions): { readonly signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

function isNotFound(error: unknown): error is RunnerError {
  return RunnerError.is(error) && error.code === "not_found";
}

interface AnswerOptions extends StartOptions {
  readonly nonce: string;
  readonly kind: TransportChannel["kind"];
  /** Since when the time that it may take counts, by `performance.now()`. */
  readonly begin: number;
}

/** Waits for the first line of a process. One that does not give it is ended. */
async function helperAnswer(process: TransportProcess, options: AnswerOptions): Promise<HelperStart> {
  const { signal, openTimeoutMs, leaseMs, kind } = options;
  const complaint = lastOutput(process.stderr);
  try {
    return await new Promise<HelperStart>((resolve, reject) => {
      const handshake = new Handshake(options.nonce);
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
        () => decide(() => reject(silentError(openTimeoutMs, `${handshake.noiseNote()}${complaint()}`))),
        Math.max(1, openTimeoutMs - (performance.now() - options.begin)),
      );
      signal?.addEventListener("abort", onAbort, { once: true });
      process.stdout.on("data", (chunk: Buffer) => {
        if (connection !== undefined) return connection.receive(chunk);
        try {
          const rest = handshake.push(chunk);
          if (rest === undefined) return;
          connection = new Connection({ process, kind, leaseMs, complaint });
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
