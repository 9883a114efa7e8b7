import type { Readable } from "node:stream";
import { RunnerError } from "@mooring/api";
import type { RunnerTransport, TransportChannel, TransportExit, TransportProcess } from "@mooring/provider-kit";
import { faultyProcess } from "./faulty-process.js";
import { earlyCode, type Primitive } from "./fault.js";
import type { Garbage } from "./garbage.js";
import { type Injector, never, planted } from "./injector.js";
import { randomBytesFrom } from "./random.js";

/** A transport, any of whose calls can fail. */
export function faultyTransport(real: RunnerTransport, injector: Injector, garbage: Garbage): RunnerTransport {
  const ofPlace = (primitive: Primitive, work: () => PromiseLike<void>) => faultyCall(primitive, injector, work);
  return {
    providerState: real.providerState,
    channel: faultyChannel(real.channel, injector, garbage),
    ...(real.overrides === undefined ? {} : { overrides: real.overrides }),
    ...(real.directUrl === undefined
      ? {}
      : {
          directUrl(port: number) {
            const manner = injector.next("directUrl");
            if (manner === "error") throw planted("directUrl");
            if (manner === "garbage-text") return "nowhere at all";
            return manner === "garbage-nothing" ? undefined : real.directUrl?.(port);
          },
        }),
    ...(real.pause === undefined ? {} : { pause: () => ofPlace("pause", async () => real.pause?.()) }),
    ...(real.destroy === undefined ? {} : { destroy: () => ofPlace("destroy", async () => real.destroy?.()) }),
    [Symbol.asyncDispose]: () => ofPlace("dispose", async () => real[Symbol.asyncDispose]()),
  };
}

/** A call that promises something: not `async`, as one of the faults is to throw at once. */
export function faultyCall<Value>(
  primitive: Primitive,
  injector: Injector,
  work: () => PromiseLike<Value>,
  other: Readonly<Record<string, () => Promise<Value>>> = {},
): Promise<Value> {
  const manner = injector.next(primitive);
  switch (manner) {
    case undefined:
      return Promise.resolve(work());
    case "error":
      return Promise.reject(planted(primitive));
    case "error-throws":
      throw planted(primitive);
    case "error-nothing":
      return Promise.reject(undefined);
    case "delay":
      return injector.wait(injector.delayMs).then(work);
    case "delay-late":
      return injector.wait(injector.lateMs).then(work);
    case "garbage-nothing":
      return Promise.resolve(undefined as Value);
    case "hang":
      return never();
    default:
      return other[manner]?.() ?? Promise.reject(new Error(`Expected a fault of ${primitive}, got ${manner}`));
  }
}

function faultyChannel(real: TransportChannel, injector: Injector, garbage: Garbage): TransportChannel {
  return {
    kind: real.kind,
    spawn(argv, options) {
      const start = async (): Promise<TransportProcess> =>
        faultyProcess(await real.spawn(argv, options), injector, garbage);
      const ended = async (exit: TransportExit | undefined) => {
        const process = await real.spawn(argv, options);
        process.kill();
        const started = faultyProcess(process, injector, garbage);
        return exit === undefined ? started : { ...started, exited: Promise.resolve(exit) };
      };
      const preceded = async (noise: Buffer) => {
        const started = await start();
        return { ...started, stdout: behind(noise, started.stdout) };
      };
      return faultyCall("spawn", injector, start, {
        "early-killed": () => ended(undefined),
        "early-code": () => ended({ code: earlyCode, signal: null }),
        "early-unknown": () => ended({ code: null, signal: null }),
        "early-silent": async () => ({ ...(await ended(undefined)), exited: never() }),
        "garbage-noise": () => preceded(Buffer.from("Welcome to this machine.\r\nYou have mail.\r\n")),
        "garbage-endless": () => preceded(randomBytesFrom(injector.random, 200_000)),
      });
    },
  };
}

function behind(noise: Buffer, stream: Readable): Readable {
  stream.unshift(noise);
  return stream;
}

/** A transport whose place went away as soon as it was reached. */
export function goneTransport(real: RunnerTransport): RunnerTransport {
  return {
    providerState: real.providerState,
    channel: {
      kind: real.channel.kind,
      spawn: () => Promise.reject(new RunnerError("unavailable", "planted: the place is gone")),
    },
    ...(real.destroy === undefined ? {} : { destroy: async () => real.destroy?.() }),
    [Symbol.asyncDispose]: () => Promise.resolve(real[Symbol.asyncDispose]()),
  };
}
