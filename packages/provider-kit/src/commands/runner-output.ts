import type { RunnerOutput } from "@mooring/api";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const empty = new Uint8Array(0);

/** What is kept of a stream, with its text decoded when it is asked for. */
export function runnerOutput(bytes: Uint8Array, totalBytes: number, headBytes: number): RunnerOutput {
  const droppedBytes = totalBytes - bytes.length;
  const truncated = droppedBytes > 0;
  return {
    bytes,
    totalBytes,
    droppedBytes,
    truncated,
    headBytes,
    text() {
      if (!truncated) return decoder.decode(bytes);
      const head = bytes.subarray(0, wholeCharactersEnd(bytes.subarray(0, headBytes)));
      const tail = bytes.subarray(headBytes);
      return decoder.decode(head) + decoder.decode(tail.subarray(firstCharacterStart(tail)));
    },
  };
}

/** The output of a command that wrote nothing. */
export const noOutput: RunnerOutput = runnerOutput(empty, 0, 0);

/** Where the last whole character ends: bytes of one that the gap cut in two come after. */
function wholeCharactersEnd(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return bytes.length;
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return length > back ? bytes.length - back : bytes.length;
    }
  }
  return bytes.length;
}

function firstCharacterStart(bytes: Uint8Array): number {
  let start = 0;
  while (start < Math.min(3, bytes.length) && ((bytes[start] ?? 0) & 0xc0) === 0x80) start++;
  return start;
}
