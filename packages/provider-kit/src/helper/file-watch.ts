import type { RunnerFileEvent } from "@mooring/api";
import { fileEvent } from "./file-info.js";
import type { IncomingBytes } from "./incoming-bytes.js";
import { recordsOf } from "./record-stream.js";

/** A watch, once the far side said that it is armed. Disposing of it ends it, and with it the iteration. */
export async function openWatch(incoming: IncomingBytes): Promise<AsyncIterable<RunnerFileEvent> & AsyncDisposable> {
  await incoming.opened();
  const events = readEvents(incoming);
  return {
    [Symbol.asyncIterator]: () => events,
    async [Symbol.asyncDispose]() {
      incoming.stop();
    },
  };
}

async function* readEvents(incoming: IncomingBytes): AsyncGenerator<RunnerFileEvent, void, undefined> {
  for await (const record of recordsOf(incoming)) yield fileEvent(record);
}
