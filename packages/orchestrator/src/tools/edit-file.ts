import * as z from "zod";
import { RunnerError } from "@mooring/api";
import type { OrchestratorLimits } from "../orchestrator-defaults.js";
import { invalid } from "./invalid.js";
import { describeNearestMatch } from "./nearest-match.js";
import { countLines } from "./output-window.js";
import type { ToolContext, ToolDefinition, ToolOutcome } from "./tool-definition.js";

/** So many places are named when a text is not unique. */
const maxNamedLines = 10;

interface EditFileArguments {
  path: string;
  oldText: string;
  newText: string;
  replaceAll: boolean;
  ifVersion?: string;
}

export function editFile(limits: OrchestratorLimits): ToolDefinition<EditFileArguments> {
  return {
    name: "edit_file",
    description: [
      "Replaces `oldText` by `newText` in a file. `oldText` must be in it exactly, white space included, and only once unless `replaceAll`.",
      "Leave out the line numbers that read_file shows.",
    ].join(" "),
    schema: z.strictObject({
      path: z.string().describe("In the workspace."),
      oldText: z.string().min(1).describe("What is there now."),
      newText: z.string().describe("What shall be there instead."),
      replaceAll: z.boolean().default(false).describe("Replace every occurrence."),
      ifVersion: z.string().min(1).optional().describe("Edit only this version, as read_file told it."),
    }),
    lease: "exclusive",
    plan(args, paths) {
      if (args.oldText === args.newText) {
        throw invalid("Expected `newText` to differ from `oldText`, got the same text");
      }
      const path = paths.writable(args.path, "path");
      return (context) => edit(path, args, limits, context);
    },
  };
}

async function edit(
  path: string,
  args: EditFileArguments,
  limits: OrchestratorLimits,
  { session, signal }: ToolContext,
): Promise<ToolOutcome> {
  const file = await session.files.read(path, { maxBytes: limits.editFileBytes, signal });
  if (file.truncated) throw tooLarge(path, file.sizeBytes, limits.editFileBytes);
  if (args.ifVersion !== undefined && args.ifVersion !== file.version) {
    throw conflict(
      `Expected ${path} to have version ${args.ifVersion}, but it has ${file.version}: read it again`,
      path,
    );
  }
  // Bytes, not text: what is no UTF-8 elsewhere in the file must stay as it is.
  const contents = Buffer.from(file.contents);
  const oldBytes = Buffer.from(args.oldText);
  const places = findAll(contents, oldBytes);
  const first = places[0];
  if (first === undefined) {
    const hint = describeNearestMatch(contents.toString("utf8"), args.oldText);
    throw conflict(`\`oldText\` is not in ${path}.`, path, { hint });
  }
  if (places.length > 1 && !args.replaceAll) throw ambiguous(path, contents, places);
  const edited = replaceAt(contents, places, oldBytes.length, Buffer.from(args.newText));
  // The version that was read: a change made meanwhile, by whomever, is a conflict and not lost.
  const written = await session.files.write(path, edited, { ifVersion: file.version, signal });
  const line = lineAt(contents, first);
  const data = {
    path,
    replacements: places.length,
    line,
    version: written.version,
    sizeBytes: written.sizeBytes,
  };
  const times = places.length === 1 ? `in line ${line}` : `${places.length} times`;
  return { content: `Replaced the text in ${path} ${times}.`, data, facts: data };
}

function findAll(contents: Buffer, wanted: Buffer): number[] {
  const places: number[] = [];
  for (let at = contents.indexOf(wanted); at !== -1; at = contents.indexOf(wanted, at + wanted.length)) {
    places.push(at);
  }
  return places;
}

function replaceAt(contents: Buffer, places: readonly number[], length: number, by: Buffer): Buffer {
  const parts: Buffer[] = [];
  let from = 0;
  for (const place of places) {
    parts.push(contents.subarray(from, place), by);
    from = place + length;
  }
  return Buffer.concat([...parts, contents.subarray(from)]);
}

function lineAt(contents: Buffer, at: number): number {
  return countLines(contents.subarray(0, at)) + 1;
}

function ambiguous(path: string, contents: Buffer, places: readonly number[]): RunnerError {
  const lines = places.slice(0, maxNamedLines).map((place) => lineAt(contents, place));
  const more = places.length > lines.length ? " and more" : "";
  return conflict(
    `\`oldText\` is in ${path} ${places.length} times, in lines ${lines.join(", ")}${more}: give more of the text around it, or \`replaceAll\``,
    path,
  );
}

function conflict(message: string, path: string, more: { readonly hint?: string } = {}): RunnerError {
  return new RunnerError("conflict", message, {
    resource: "file",
    retryable: false,
    phase: "before_start",
    details: { path, ...more },
  });
}

function tooLarge(path: string, sizeBytes: number, most: number): RunnerError {
  return new RunnerError(
    "resource_exhausted",
    `Expected a file of at most ${most} bytes to edit, but ${path} has ${sizeBytes}`,
    { resource: "file", retryable: false, phase: "before_start", details: { path } },
  );
}
