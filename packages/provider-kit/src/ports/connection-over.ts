import type { Duplex } from "node:stream";
import type { RunnerConnection } from "@mooring/api";
import { readableEnd, writableEnd } from "../shell/connection-ends.js";
import { connectionLost } from "../shell/nothing-listens.js";

/** A stream to a port as the contract's connection. */
export function connectionOver(stream: Duplex): RunnerConnection {
  return {
    readable: readableEnd(stream),
    writable: writableEnd(stream, connectionLost),
    async [Symbol.asyncDispose]() {
      stream.destroy();
    },
  };
}
