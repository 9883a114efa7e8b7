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
    cleansUp: true,
  });
  const blocks = new BlockSender(call, tools.fullBlock);
  const answer = call.answer();
  const [sending, answering] = await Promise.allSettled([blocks.sendAll(body, answer), answer]);
  // Why the far side ended is the better reason, but for a source that failed.
  const sourceFailed = sending.status === "rejected" && sending.reason !== takesNoMore;
  if (answering.status === "rejected" && (!sourceFailed || options.signal?.aborted === true)) throw answering.reason;
  if (sourceFailed) throw sending.reason;
  if (sending.status === "rejected") throw corruptAnswer("an answer before all was sent");
  if (answering.status === "rejected") throw answering.reason;
  const record = readStatRecord(answering.value.toString("latin1"), call.nonce);
  if (record === undefined) throw corruptAnswer("no description of the file that was written");
  return { version: record.version, sizeBytes: blocks.sentBytes };
}

/** Why nothing more is sent: the far side has answered already. */
const takesNoMore = new Error("The far side takes no more");

/** Sends blocks, each after its length. Without the final line the far side puts nothing in place. */
class BlockSender {
  readonly #call: ShellCall;
  readonly #fullBlock: boolean;
  #gone = false;
  #wake: (() => void) | undefined;
  sentBytes = 0;

  constructor(call: ShellCall, fullBlock: boolean) {
    this.#call = call;
    this.#fullBlock = fullBlock;
    call.process.stdin.on("drain", () => this.#wake?.());
    call.process.stdin.once("close", () => {
      this.#gone = true;
      this.#wake?.();
    });
  }

  /** Sends all of it, or as much as the far side takes: `over` settles when it takes no more, and tells why. */
  async sendAll(body: Uint8Array | ReadableStream<Uint8Array>, over: Promise<unknown>): Promise<void> {
    if (body instanceof Uint8Array) {
      for (let at = 0; at < body.length; at += blockBytes) {
        await this.#send(body.subarray(at, at + blockBytes), at + blockBytes >= body.length);
      }
      return this.#finish();
    }
    const reader = body.getReader();
    const ended = over.then(
      () => undefined,
      () => undefined,
    );
    try {
      for (;;) {
        const read = await Promise.race([reader.read(), ended]);
        if (read === undefined) throw takesNoMore;
        if (read.done) break;
        const { value } = read;
        if (!(value instanceof Uint8Array)) throw expected("contents", "a stream of Uint8Array", value);
        for (let at = 0; at < value.length; at += blockBytes)
          await this.#send(value.subarray(at, at + blockBytes), false);
      }
      this.#finish();
    } catch (error) {
      this.#call.process.stdin.end();
      void reader.cancel(error).catch(() => undefined);
      throw error;
    }
  }

  /** Resolves when there is room for more, or when nobody reads. */
  async #send(bytes: Uint8Array, last: boolean): Promise<void> {
    if (this.#gone || bytes.length === 0) return;
    const { stdin } = this.#call.process;
    this.sentBytes += bytes.length;
    // Where `dd` cannot wait for a whole block, its blocks are of one byte.
    const kind = this.#fullBlock ? (last ? " s" : "") : " 1";
    stdin.write(`${bytes.length}${kind}\n`);
    if (stdin.write(Uint8Array.from(bytes))) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }

  #finish(): void {
    if (!this.#gone) this.#call.process.stdin.end("0\n");
  }
}
