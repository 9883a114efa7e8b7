import type { RunnerCallOptions, RunnerFileContents, Text } from "@mooring/api";
import { requireWholeNumber } from "../commands/requirements.js";
import { decodeText, pathBytes } from "../text/text-bytes.js";
import { type FileContext, startFileCall } from "./file-context.js";
import { corruptAnswer, FrontedStream } from "./file-parse.js";
import { readStatRecord, type StatRecord } from "./shell-file-info.js";

const defaultReadBytes = 16_777_216;

interface OpenedFile {
  readonly record: StatRecord;
  /** Absolute, in latin1. */
  readonly path: string;
  readonly contents: FrontedStream;
}

/** A file or a part of it. */
export async function readFile(
  context: FileContext,
  path: Text,
  options: { readonly offset?: number; readonly maxBytes?: number } & RunnerCallOptions,
): Promise<RunnerFileContents> {
  const offset = requireWholeNumber("offset", options.offset ?? 0, 0);
  const maxBytes = requireWholeNumber("maxBytes", options.maxBytes ?? defaultReadBytes, 0);
  // One byte more tells whether the file goes on, also where it has no size, as in /proc.
  const file = await openFile(context, path, "files.read", offset, maxBytes + 1, options);
  const chunks: Buffer[] = [];
  for (let chunk = await file.contents.next(); chunk !== undefined; chunk = await file.contents.next())
    chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  return {
    path: decodeText(Buffer.from(file.path, "latin1")).text,
    contents: new Uint8Array(bytes.subarray(0, maxBytes)),
    sizeBytes: file.record.sizeBytes,
    truncated: bytes.length > maxBytes || offset + bytes.length < file.record.sizeBytes,
    version: file.record.version,
  };
}

/** The file from `offset`, pulled. */
export async function readFileStream(
  context: FileContext,
  path: Text,
  options: { readonly offset?: number } & RunnerCallOptions,
): Promise<ReadableStream<Uint8Array>> {
  const offset = requireWholeNumber("offset", options.offset ?? 0, 0);
  const { contents } = await openFile(context, path, "files.readStream", offset, undefined, options);
  return streamOfBytes(
    () => contents.next(),
    () => contents.stop(),
  );
}

/** A pulled stream over a function that gives the next bytes. */
export function streamOfBytes(
  next: () => Promise<Buffer | undefined>,
  stop: () => Promise<void>,
): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const chunk = await next();
        if (chunk === undefined) controller.close();
        else controller.enqueue(new Uint8Array(chunk));
      },
      cancel: stop,
    },
    { highWaterMark: 0 },
  );
}

async function openFile(
  context: FileContext,
  path: Text,
  operation: string,
  offset: number,
  limit: number | undefined,
  options: RunnerCallOptions,
): Promise<OpenedFile> {
  const located = context.roots.locate(pathBytes(path, "path"), "read");
  const call = await startFileCall(context, {
    operation,
    script: "file-read",
    path,
    access: "read",
    values: () => ({ offset, limit: limit ?? "", dd_bytes: context.tools.skipBytes }),
    options,
  });
  call.process.stdin.end();
  const contents = new FrontedStream(call.payload());
  const mark = ` ${call.nonce}\n`;
  const directory = await contents.record(mark);
  const record = readStatRecord(await contents.record(mark), call.nonce);
  if (record === undefined) throw corruptAnswer("no description of a file");
  const name = located.rest.slice(located.rest.lastIndexOf("/") + 1);
  const real = `${directory === "/" ? "" : directory}/${name}`;
  return { record, path: located.rest.split("/").includes("..") ? real : located.absolute, contents };
}
