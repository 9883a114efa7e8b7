import * as z from "zod";
import type { OrchestratorLimits } from "../orchestrator-defaults.js";
import { printable } from "./file-item.js";
import { listingOutcome, type ListedItem } from "./listing-outcome.js";
import type { ToolDefinition } from "./tool-definition.js";

interface GrepArguments {
  pattern: string;
  path: string;
  include?: string;
  literal: boolean;
  ignoreCase: boolean;
  includeHidden: boolean;
  exclude: string[];
  limit: number;
}

export function grep(limits: OrchestratorLimits): ToolDefinition<GrepArguments> {
  return {
    name: "grep",
    description:
      "Finds lines that match a regular expression, in text files under `path`: path, line number and line, with colons between.",
    schema: z.strictObject({
      pattern: z.string().min(1).max(4_096).describe("A regular expression; \\d \\w \\s \\b are known."),
      path: z.string().default(".").describe("Where to look: in the workspace, or in a read root."),
      include: z.string().min(1).max(4_096).optional().describe("Only files whose path matches, such as **/*.ts."),
      literal: z.boolean().default(false).describe("Take `pattern` as plain text."),
      ignoreCase: z.boolean().default(false),
      includeHidden: z.boolean().default(false).describe("Also names that begin with a dot."),
      exclude: z.array(z.string().min(1).max(4_096)).default([]).describe("Glob patterns to leave out."),
      limit: z.int().min(1).max(100_000).default(limits.grepLimit),
    }),
    lease: "shared",
    plan(args, paths) {
      const { pattern, path: given, ...options } = args;
      const path = paths.readable(given, "path");
      return async ({ session, signal, display }) => {
        const listing = session.files.grep(pattern, { ...options, path, signal });
        const items: ListedItem[] = [];
        for await (const match of listing) {
          const shown = display(match.path);
          const { line, text, lineTruncated } = match;
          items.push({
            line: `${printable(shown)}:${line}:${text}${lineTruncated ? " [line cut]" : ""}`,
            data: { path: shown, line, text, lineTruncated },
          });
        }
        return listingOutcome(items, {
          isCut: listing.truncated,
          maxBytes: limits.toolResultBytes,
          nothing: "[no line matches]",
        });
      };
    },
  };
}
