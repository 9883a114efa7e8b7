import { withHandles } from "../altered.js";
import { type Mutant, output, withRequests, withResults } from "../mutant.js";

/** Output that is lost, changed or given twice. */
export const outputMutants: readonly Mutant[] = [
  {
    fault: "loses standard error",
    check: "output.stderr-is-told-apart",
    make: (provider) =>
      withResults(provider, (result) => ({ ...result, stderr: output(new Uint8Array(), result.stderr) })),
  },
  {
    fault: "splices a marker into output that is too long",
    check: "output.head-and-tail-exact",
    make: (provider) =>
      withResults(provider, (result) => {
        const { bytes, headBytes, truncated } = result.stdout;
        if (!truncated) return result;
        const marked = Buffer.concat([bytes.subarray(0, headBytes), Buffer.from("[...]"), bytes.subarray(headBytes)]);
        return { ...result, stdout: output(marked, result.stdout) };
      }),
  },
  {
    fault: "truncates in silence",
    check: "output.head-and-tail-exact",
    make: (provider) =>
      withResults(provider, (result) => {
        const stdout = { ...result.stdout, truncated: false, droppedBytes: 0, totalBytes: result.stdout.bytes.length };
        return { ...result, stdout };
      }),
  },
  {
    fault: "decodes output as UTF-8",
    check: "output.binary",
    make: (provider) =>
      withResults(provider, (result) => ({
        ...result,
        stdout: output(new TextEncoder().encode(result.stdout.text()), result.stdout),
      })),
  },
  {
    fault: "keeps what it should stream",
    check: "output.stream-back-pressure",
    make: (provider) => withRequests(provider, (request) => ({ ...request, output: "retain" })),
  },
  {
    fault: "reads from the beginning whatever the cursor says",
    check: "output.read-pages",
    make: (provider) =>
      withHandles(provider, (command) => ({ read: (_cursor, options) => command.read(undefined, options) })),
  },
  {
    fault: "drops a byte at the border of two chunks",
    check: "output.stream-exact",
    make: (provider) =>
      withHandles(provider, (command) => ({
        output: {
          async *[Symbol.asyncIterator]() {
            for await (const chunk of command.output) {
              // What a line reader does that forgets the beginning of what it has not finished.
              yield chunk.bytes.length > 10_000 ? { ...chunk, bytes: chunk.bytes.subarray(0, -1) } : chunk;
            }
          },
        },
      })),
  },
  {
    fault: "says nothing of the gap in what it kept",
    check: "output.gaps-are-told",
    make: (provider) =>
      withHandles(provider, (command) => ({
        read: async (cursor, options) => ({ ...(await command.read(cursor, options)), dropped: [] }),
      })),
  },
];
