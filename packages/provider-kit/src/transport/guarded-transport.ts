import { RunnerError } from "@mooring/api";
import type { Duplex } from "node:stream";
import type { RunnerTransport, TransportChannel, TransportProcess } from "../transport.js";
import { guardProcess } from "./guarded-process.js";
import { limitedCall } from "./limited-call.js";

/** How long what a provider's author wrote may take, in milliseconds. */
export interface TransportLimits {
  /** Starting a process. */
  readonly openTimeoutMs: number;
  /** Pausing, removing or letting go of the place. */
  readonly placeTimeoutMs: number;
}

/** A transport that keeps its times and fails with `RunnerError` alone, whatever the author's does. */
export function guardTransport(transport: RunnerTransport, limits: TransportLimits): RunnerTransport {
  const ofPlace = (operation: string, what: string) => ({ operation, what, timeoutMs: limits.placeTimeoutMs });
  return {
    get providerState() {
      return transport.providerState;
    },
    channel: guardChannel(transport.channel, limits),
    ...(transport.overrides === undefined ? {} : { overrides: transport.overrides }),
    ...(transport.directUrl === undefined ? {} : { directUrl: (port: number) => directUrl(transport, port) }),
    ...(transport.openTcp === undefined ? {} : { openTcp: guardDialling(transport, limits) }),
    ...(transport.pause === undefined
      ? {}
      : { pause: () => limitedCall(ofPlace("pause", "pausing the place"), async () => transport.pause?.()) }),
    ...(transport.destroy === undefined
      ? {}
      : { destroy: () => limitedCall(ofPlace("destroy", "removing the place"), async () => transport.destroy?.()) }),
    [Symbol.asyncDispose]: () =>
      limitedCall(ofPlace("close", "letting go of the place"), async () => transport[Symbol.asyncDispose]()),
  };
}

/** What an author's code resolved to, when it can be used at all. Types do not bind whoever writes JavaScript. */
export function requireTransport(transport: RunnerTransport | undefined): RunnerTransport {
  if (typeof transport?.channel?.spawn === "function") return transport;
  throw nothingUsable("a transport with a channel that spawns");
}

function requireProcess(process: TransportProcess | undefined): TransportProcess {
  if (process?.stdin !== undefined && process.stdout !== undefined && process.stderr !== undefined) return process;
  throw nothingUsable("a process with its three streams");
}

function nothingUsable(what: string): RunnerError {
  return new RunnerError("corrupt", `Expected the provider to give ${what}, got none`, {
    resource: "session",
    retryable: false,
    phase: "before_start",
  });
}

function guardChannel(channel: TransportChannel, { openTimeoutMs }: TransportLimits): TransportChannel {
  const start = (
    signal: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<TransportProcess | undefined>,
  ): Promise<TransportProcess> =>
    limitedCall(
      {
        operation: "spawn",
        what: "starting a process on the far side",
        timeoutMs: openTimeoutMs,
        signal,
        discard: (late) => {
          late.kill();
          late.stdin.destroy();
        },
      },
      async (limited) => guardProcess(requireProcess(await work(limited))),
    );
  return {
    kind: channel.kind,
    spawn: (argv, options = {}) => start(options.signal, (signal) => channel.spawn(argv, { signal })),
    ...(channel.startReady === undefined
      ? {}
      : {
          startReady: (header: string, options: { readonly signal?: AbortSignal } = {}) =>
            start(options.signal, async (signal) => channel.startReady?.(header, { signal })),
        }),
  };
}

function guardDialling(
  transport: RunnerTransport,
  { openTimeoutMs }: TransportLimits,
): NonNullable<RunnerTransport["openTcp"]> {
  return (port, options = {}) =>
    limitedCall<Duplex>(
      {
        operation: "ports.connect",
        what: "dialling a port",
        timeoutMs: openTimeoutMs,
        signal: options.signal,
        discard: (late) => late.destroy(),
      },
      async (signal) => {
        const stream = await transport.openTcp?.(port, { signal });
        if (stream === undefined) throw nothingUsable("a stream to the port");
        // Whoever uses it listens for himself; this only sees to it that somebody does.
        return stream.on("error", () => undefined);
      },
    );
}

/** One that cannot be told is none: the kit forwards then. */
function directUrl(transport: RunnerTransport, port: number): string | undefined {
  try {
    const url = transport.directUrl?.(port);
    return typeof url === "string" && URL.canParse(url) ? url : undefined;
  } catch {
    return undefined;
  }
}
