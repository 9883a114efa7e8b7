import {
  type RunnerCallOptions,
  RunnerError,
  type RunnerExtractLimits,
  type RunnerExtractReport,
  type Text,
} from "@mooring/api";
import { abortable } from "../async/abort.js";
import { requireWholeNumber } from "../commands/requirements.js";
import { expected } from "../errors/expected.js";
import { type FileContext, startFileCall } from "./file-context.js";
import { FrontedStream } from "./file-parse.js";
import { ExtractPlan } from "./extract-plan.js";
import type { ShellCall } from "./shell-call.js";
import { tarPadding } from "./tar/tar-entry.js";
import { readTar } from "./tar/tar-reader.js";
import { tarEnd, tarHeader } from "./tar/tar-writer.js";

/**
 * Reads the archive here, entry by entry, and sends an archive of what passed to the far side's `tar`, which finds no name in
 * it that leads out of the directory.
 */
export async function extractFiles(
  context: FileContext,
  path: Text,
  archive: ReadableStream<Uint8Array>,
  limits: RunnerExtractLimits,
  options: RunnerCallOptions,
): Promise<RunnerExtractReport> {
  if (!(archive instanceof ReadableStream)) throw expected("archive", "a ReadableStream", archive);
  if (typeof limits !== "object" || limits === null) throw expected("limits", "an object", limits);
  const plan = new ExtractPlan({
    maxEntries: requireWholeNumber("limits.maxEntries", limits.maxEntries, 0),
    maxTotalBytes: requireWholeNumber("limits.maxTotalBytes", limits.maxTotalBytes, 0),
  });
  const call = await startFileCall(context, {
    operation: "files.extract",
    script: "file-extract",
    path,
    access: "write",
    values: (words) => ({ name_format: words.nameFormat }),
    options,
  });
  const output = new FrontedStream(call.payload());
  for (;;) {
    const line = await output.record(`${call.nonce}\n`);
    if (line === "") break;
    plan.addLink(line.replace(/ $/, "").replace(/^\.\//, ""));
  }
  const reader = archive.getReader();
  const farSideEnded = new RunnerError("unavailable", "What unpacks the archive on the far side ended before it", {
    operation: "files.extract",
    resource: "file",
  });
  const ended = call.process.exited.then(() => farSideEnded);
  async function nextChunk(): Promise<IteratorResult<Uint8Array>> {
    // A source may stall for ever: an abort, and the far side's end, come through.
    const read = await abortable(Promise.race([reader.read(), ended]), options.signal, "files.extract");
    if (read === farSideEnded) throw farSideEnded;
    const { done, value } = read as Awaited<ReturnType<typeof reader.read>>;
    return done ? { done: true, value: undefined } : { done: false, value };
  }
  try {
    call.process.stdin.write("go\n");
    await send(call, { next: nextChunk }, plan);
  } catch (error) {
    // A source that is let go need not answer.
    void reader.cancel(error).catch(() => undefined);
    // What came before a fault stays, so the far side is given a whole archive of it.
    call.process.stdin.end(tarEnd);
    const why = await finish(output).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    throw error === farSideEnded && why !== undefined ? why : error;
  }
  call.process.stdin.end(tarEnd);
  await finish(output);
  return plan.report();
}

async function send(call: ShellCall, chunks: AsyncIterator<Uint8Array>, plan: ExtractPlan): Promise<void> {
  for await (const { entry, contents } of readTar(chunks)) {
    const admitted = plan.admit(entry);
    if (admitted === undefined) continue;
    await write(call, tarHeader(admitted));
    if (admitted.sizeBytes === 0) continue;
    let sent = 0;
    try {
      for await (const chunk of contents()) {
        await write(call, chunk);
        sent += chunk.length;
      }
    } finally {
      // A source that failed in the middle of a file must not shift what follows.
      const missing = admitted.sizeBytes - sent;
      if (missing > 0) call.process.kill();
      else await write(call, Buffer.alloc(tarPadding(admitted.sizeBytes)));
    }
  }
}

async function finish(output: FrontedStream): Promise<void> {
  while ((await output.next()) !== undefined) {
    // Only its end counts.
  }
}

async function write(call: ShellCall, bytes: Uint8Array): Promise<void> {
  const { stdin } = call.process;
  if (stdin.destroyed || bytes.length === 0 || stdin.write(bytes)) return;
  await new Promise<void>((resolve) => {
    const done = () => {
      stdin.off("drain", done).off("close", done);
      resolve();
    };
    stdin.on("drain", done).on("close", done);
  });
}
