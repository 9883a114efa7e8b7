import type { RunnerCallOptions, Text } from "@mooring/api";
import { ShellCall, type ShellCallOptions, scriptOf } from "./shell-call.js";
import { statWords, type StatWords } from "./shell-file-info.js";
import type { ShellPlace, ShellTools } from "./shell-place.js";
import { type RootAccess, shown, type ShellRoots } from "./shell-roots.js";
import { assignments, latin1 } from "./shell-source.js";
import { textBytes } from "../text/text-bytes.js";
import type { Pace } from "./pace.js";

/** What a session's file operations share. */
export interface FileContext {
  readonly place: ShellPlace;
  readonly tools: ShellTools & { readonly stat: "gnu" | "bsd" };
  readonly roots: ShellRoots;
  /** Keeps many operations from being as many processes at once. */
  readonly pace: Pace;
}

type Values = Readonly<Record<string, string | number | boolean | undefined>>;

/** One file operation: its script, the path it works on, and what else it needs. */
export interface FileOperation {
  readonly operation: string;
  readonly script: string;
  readonly path: Text;
  readonly access: RootAccess;
  readonly values?: (words: StatWords) => Values;
  /** More source, such as positional parameters. */
  readonly source?: string;
  readonly options: RunnerCallOptions;
  readonly cleansUp?: boolean;
}

/** Every variable that a script reads is set here, so that nothing that it inherits can stand in. */
const nothing: Values = { create: "", not_directory: "", follow: "", directory: "" };

/** Starts the script. Rejects with `path_escape` and the like before anything was started. */
export async function startFileCall(context: FileContext, operation: FileOperation): Promise<ShellCall> {
  const located = context.roots.locate(operation.path, operation.access);
  const description: ShellCallOptions = {
    operation: operation.operation,
    path: shown(latin1(textBytes(operation.path, "path"))),
    signal: operation.options.signal,
    cleansUp: operation.cleansUp ?? false,
  };
  return ShellCall.start(
    context.place,
    scriptOf("10-resolve", operation.script),
    (nonce) => {
      const words = statWords(context.tools.stat, nonce);
      return [
        assignments({
          ...nothing,
          access: operation.access === "read" ? "r" : "w",
          base: located.base,
          path: located.rest,
          directory: located.directory,
          stat_option: words.option,
          format: words.format,
          unfinished: context.place.unfinished,
          exact: context.tools.exactMove ? "-T" : "",
          ...operation.values?.(words),
        }),
        context.roots.source,
        ...(operation.source === undefined ? [] : [operation.source]),
      ].join("; ");
    },
    description,
  );
}
