import * as z from "zod";
import type { OrchestratorLimits } from "../orchestrator-defaults.js";
import { invalid } from "./invalid.js";
import { readLines } from "./read-lines.js";
import { completeLength } from "./output-window.js";
import type { ToolContext, ToolDefinition, ToolOutcome } from "./tool-definition.js";

/** Where a NUL byte makes a file binary. */
const sniffedBytes = 8_192;

interface ReadFileArguments {
  path: string;
  offset?: number;
  limit?: number;
  lineNumbers: boolean;
  byteOffset?: number;
  maxBytes?: number;
  encoding: "text" | "base64";
}

export function readFile(limits: OrchestratorLimits): ToolDefinition<ReadFileArguments> {
  return {
    name: "read_file",
    description: [
      "Reads a text file, by default with line numbers (number, tab, line); they are not part of the file.",
      "Long files come in parts: go on with the `offset` that is named at the end.",
      '`byteOffset` and `maxBytes` read a range of bytes instead, with `encoding: "base64"` also of binary files.',
    ].join(" "),
    schema: z.strictObject({
      path: z.string().describe("In the workspace, or in a read root."),
      offset: z.int().min(1).optional().describe("The first line, counted from 1."),
      limit: z.int().min(1).optional().describe(`How many lines at most. Default ${limits.readFileLines}.`),
      lineNumbers: z.boolean().default(true),
      byteOffset: z.int().min(0).optional().describe("The first byte, counted from 0."),
      maxBytes: z.int().min(1).max(limits.toolResultBytes).optional(),
      encoding: z.enum(["text", "base64"]).default("text"),
    }),
    lease: "shared",
    plan(args, paths) {
      const byBytes = args.byteOffset !== undefined || args.maxBytes !== undefined || args.encoding === "base64";
      if (byBytes && (args.offset !== undefined || args.limit !== undefined)) {
        throw invalid(
          'Expected either lines (`offset`, `limit`) or bytes (`byteOffset`, `maxBytes`, `encoding: "base64"`), got both',
        );
      }
      const path = paths.readable(args.path, "path");
      return (context) => (byBytes ? readBytes(path, args, context) : readText(path, args, context));
    },
  };
}

async function readText(path: string, args: ReadFileArguments, context: ToolContext): Promise<ToolOutcome> {
  const { limits, signal } = context;
  const page = await readLines(context.session.files, path, {
    offset: args.offset ?? 1,
    limit: args.limit ?? limits.readFileLines,
    maxBytes: limits.toolResultBytes,
    sniffedBytes,
    lineNumbers: args.lineNumbers,
    signal,
  });
  const shown = context.display(page.path);
  const known = { path: shown, sizeBytes: page.sizeBytes, version: page.version };
  if (page.binary) {
    return {
      content: `${shown} is a binary file of ${page.sizeBytes} bytes. Read ranges of it with \`encoding: "base64"\`.`,
      data: { ...known, binary: true },
      facts: { ...known, binary: true },
    };
  }
  const facts = {
    ...known,
    binary: false,
    startLine: page.startLine,
    endLine: page.endLine,
    nextOffset: page.nextOffset,
  };
  return {
    content: [page.shown, page.note].filter((part) => part !== "").join("\n"),
    data: { ...facts, text: page.text },
    truncated: page.leftOut,
    facts,
  };
}

async function readBytes(
  path: string,
  args: ReadFileArguments,
  { session, limits, signal, display }: ToolContext,
): Promise<ToolOutcome> {
  const offset = args.byteOffset ?? 0;
  // Base64 takes four characters for three bytes.
  const room =
    args.encoding === "base64" ? Math.floor(limits.toolResultBytes / 4) * 3 - 300 : limits.toolResultBytes - 300;
  const maxBytes = Math.max(1, Math.min(args.maxBytes ?? room, room));
  const read = await session.files.read(path, { offset, maxBytes, signal });
  const bytes = Buffer.from(read.contents);
  const shown = display(read.path);
  const isText = args.encoding === "text";
  if (isText && bytes.includes(0)) {
    const facts = { path: shown, sizeBytes: read.sizeBytes, version: read.version, binary: true };
    return {
      content: `${shown} has NUL bytes in this range of its ${read.sizeBytes}. Read it with \`encoding: "base64"\`.`,
      data: facts,
      facts,
    };
  }
  // A range that ends within a character gives that character to the next one.
  const complete = isText && read.truncated ? completeLength(bytes) : bytes.length;
  const used = complete === 0 ? bytes : bytes.subarray(0, complete);
  const end = offset + used.length;
  const rest = Math.max(0, read.sizeBytes - end);
  const text = used.toString(isText ? "utf8" : "base64");
  const facts = {
    path: shown,
    sizeBytes: read.sizeBytes,
    version: read.version,
    byteOffset: offset,
    nextByteOffset: rest === 0 ? null : end,
  };
  const note = `[bytes ${offset} to ${end} of ${read.sizeBytes}${rest === 0 ? "" : `; go on with byteOffset ${end}`}]`;
  return {
    content: `${text}\n${note}`,
    data: { ...facts, text },
    truncated: rest === 0 ? null : { bytes: rest, lines: null },
    facts,
  };
}
