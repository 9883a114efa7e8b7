import { Writable } from "node:stream";
import type { TransportProcess } from "@mooring/provider-kit";
import type { Garble } from "./garbage.js";
import { type Injector, planted } from "./injector.js";

type Done = (error?: Error | null) => void;

/** Standard input of a process, one of whose writes fails. After a fault that loses bytes nothing more is passed on. */
export function faultyStdin(
  process: TransportProcess,
  injector: Injector,
  garbage: Readonly<Record<string, Garble>>,
): Writable {
  const real = process.stdin;
  let isCut = false;
  let heldBack: Buffer | undefined;
  const pass = (bytes: Buffer, done: Done): void => {
    if (isCut) return done();
    const whole = heldBack === undefined ? bytes : Buffer.concat([bytes, heldBack]);
    heldBack = undefined;
    real.write(whole, (error) => done(error));
  };
  const write = (bytes: Buffer, done: Done): void => {
    const manner = isCut ? undefined : injector.next("stdin.write");
    switch (manner) {
      case undefined:
        return pass(bytes, done);
      case "error":
        real.destroy();
        return done(planted("a write"));
      case "delay":
        return injector.after(injector.delayMs, () => pass(bytes, done));
      case "hang":
        return;
      case "hang-swallowed":
        isCut = true;
        return done();
      case "early-ended":
        isCut = true;
        real.end();
        return done();
      case "early-half":
        isCut = true;
        real.end(bytes.subarray(0, bytes.length >> 1));
        return done();
      case "early-killed":
        process.kill();
        return pass(bytes, done);
      default: {
        const garbled = garbage[manner.slice("garbage-".length)]?.(bytes, injector.random);
        if (garbled === undefined) {
          injector.hasFired = false;
          return pass(bytes, done);
        }
        pass(garbled.now, done);
        heldBack = garbled.afterNext;
      }
    }
  };
  const faulty = new Writable({
    write: (chunk: Buffer | string, encoding, done) =>
      write(typeof chunk === "string" ? Buffer.from(chunk, encoding) : chunk, done),
    writev: (chunks, done) =>
      write(
        Buffer.concat(
          chunks.map(({ chunk, encoding }: { chunk: Buffer | string; encoding: BufferEncoding }) =>
            typeof chunk === "string" ? Buffer.from(chunk, encoding) : chunk,
          ),
        ),
        done,
      ),
    final(done) {
      const manner = isCut ? undefined : injector.next("stdin.end");
      const end = (): void => {
        if (isCut || real.destroyed) return done();
        if (heldBack !== undefined) real.write(heldBack);
        real.end(() => done());
      };
      if (manner === undefined) return end();
      if (manner === "delay") return injector.after(injector.delayMs, end);
      if (manner === "hang") return;
      if (manner === "early-killed") {
        process.kill();
        return end();
      }
      real.destroy();
      done(planted("the end of input"));
    },
    destroy(error, done) {
      real.destroy();
      done(error);
    },
  });
  real.on("error", (error) => faulty.destroy(error));
  real.on("close", () => faulty.destroy());
  return faulty;
}
