import type { IncomingBytes } from "./incoming-bytes.js";
import { corrupt, type HelperRecord, readRecord } from "./record-reader.js";

const maxRecordBytes = 4_194_304;

/** Records from channel 1 of a request, as they come. Leaving the loop early stops the request. */
export async function* recordsOf(incoming: IncomingBytes): AsyncGenerator<HelperRecord, void, undefined> {
  let rest: Buffer | undefined;
  let isDone = false;
  try {
    for (;;) {
      const piece = await incoming.next();
      if (piece === undefined) break;
      const bytes: Buffer = rest === undefined ? piece : Buffer.concat([rest, piece]);
      let at = 0;
      while (at + 4 <= bytes.length) {
        const length = bytes.readUInt32BE(at);
        if (length > maxRecordBytes) throw corrupt(`a record of ${length} bytes`);
        if (at + 4 + length > bytes.length) break;
        yield readRecord(bytes.subarray(at + 4, at + 4 + length));
        at += 4 + length;
      }
      rest = at === bytes.length ? undefined : bytes.subarray(at);
    }
    isDone = true;
    if (rest !== undefined) throw corrupt("a record that is cut off");
  } finally {
    if (!isDone) incoming.stop();
  }
}
