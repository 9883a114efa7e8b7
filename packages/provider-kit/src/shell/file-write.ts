import type { RunnerCallOptions, Text } from "@mooring/api";
import { throwIfAborted } from "../async/abort.js";
import { expected } from "../errors/expected.js";
import { requireMode } from "../files/require-mode.js";
import { type FileContext, startFileCall } from "./file-context.js";
import { corruptAnswer } from "./file-parse.js";
import type { ShellCall } from "./shell-call.js";
import { readStatRecord } from "./shell-file-info.js";

const blockBytes = 262_144;

/** What `write` takes besides path and contents. */
export type WriteOptions = {
  readonly mode?: number;
  readonly ifVersion?: string | null;
  readonly createParents?: boolean;
} & RunnerCallOptions;

/** Writes the contents beside the file and renames them into its place, once all of them have come. */
export async function writeFile(
  context: FileContext,
  path: Text,
  contents: Uint8Array | string | ReadableStream<Uint8Array>,
  options: WriteOptions,
): Promise<{ version: string; sizeBytes: number }> {
  throwIfAborted(options.signal, "files.write");
  const mode = requireMode(options.mode);
  const { ifVersion } = options;
  if (ifVersion !== undefined && ifVersion !== null && (typeof ifVersion !== "string" || ifVersion === "")) {
    throw expected("ifVersion", "a version that is not empty, or null", ifVersion);
  }
  const body = typeof contents === "string" ? Buffer.from(contents, "utf8") : contents;
  if (!(body instanceof Uint8Array) && !(body instanceof ReadableStream)) {
    throw expected("contents", "a Uint8Array, a string or a ReadableStream", contents);
  }
  const { tools } = context;
  const call = await startFileCall(context, {
    operation: "files.write",
    script: "file-write",
    path,
    access: "write",
    values: (words) => ({
      create: options.createParents === true,
      mode: mode === undefined ? "" : mode.toString(8),
      expected: ifVersion ?? "",
      must_be_new: ifVersion === null,
      version_format: words.versionFormat,
      mode_format: words.modeFormat,
      identity: `${tools.uid}:${tools.gid}`,
      sync_files: tools.syncsFiles,
    }),
    options,
  });
  const sent = { bytes: 0 };
  const [sending, answering] = await Promise.allSettled([sendBody(call, body, tools.fullBlock, sent), call.answer()]);
  if (sending.status === "rejected") throw sending.reason;
  if (answering.status === "rejected") throw answering.reason;
  const record = readStatRecord(answering.value.toString("latin1"), call.nonce);
  if (record === undefined) throw corruptAnswer("no description of the file that was written");
  return { version: record.version, sizeBytes: sent.bytes };
}

/** Blocks, each after its length. Without the final line the far side puts nothing in place. */
async function sendBody(
  call: ShellCall,
  body: Uint8Array | ReadableStream<Uint8Array>,
  fullBlock: boolean,
  sent: { bytes: number },
): Promise<void> {
  const blocks = new BlockSender(call, fullBlock);
  if (body instanceof Uint8Array) {
    for (let at = 0; at < body.length; at += blockBytes) {
      await blocks.send(body.subarray(at, at + blockBytes), at + blockBytes >= body.length);
    }
    sent.bytes = body.length;
    blocks.finish();
    return;
  }
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      if (!(value instanceof Uint8Array)) throw expected("contents", "a stream of Uint8Array", value);
      for (let at = 0; at < value.length; at += blockBytes) await blocks.send(value.subarray(at, at + blockBytes), false);
      sent.bytes += value.length;
    }
    blocks.finish();
  } catch (error) {
    await reader.cancel(error).catch(() => undefined);
    call.process.stdin.end();
    throw error;
  }
}

class BlockSender {
  readonly #call: ShellCall;
  readonly #fullBlock: boolean;
  #gone = false;

  constructor(call: ShellCall, fullBlock: boolean) {
    this.#call = call;
    this.#fullBlock = fullBlock;
    call.process.stdin.once("close", () => {
      this.#gone = true;
    });
  }

  /** Resolves when there is room for more, or when nobody reads: the answer tells why. */
  async send(bytes: Uint8Array, last: boolean): Promise<void> {
    if (this.#gone || bytes.length === 0) return;
    const { stdin } = this.#call.process;
    // Where `dd` cannot wait for a whole block, its blocks are of one byte.
    if (this.#fullBlock) stdin.write(`${bytes.length}${last ? " s" : ""}\n`);
    else stdin.write(`${bytes.length} 1\n`);
    if (stdin.write(Uint8Array.from(bytes))) return;
    await new Promise<void>((resolve) => {
      stdin.once("drain", resolve);
      stdin.once("close", resolve);
    });
  }

  finish(): void {
    if (!this.#gone) this.#call.process.stdin.end("0\n");
  }
}
