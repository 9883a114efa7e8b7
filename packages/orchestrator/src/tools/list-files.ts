import * as z from "zod";
import type { OrchestratorLimits } from "../orchestrator-defaults.js";
import { fileItem } from "./file-item.js";
import { listingOutcome, type ListedItem } from "./listing-outcome.js";
import type { ToolDefinition } from "./tool-definition.js";

interface ListFilesArguments {
  path: string;
  depth: number;
  exclude: string[];
  limit: number;
}

export function listFiles(limits: OrchestratorLimits): ToolDefinition<ListFilesArguments> {
  return {
    name: "list_files",
    description:
      "Lists what is in a directory, one entry a line: directories end in a slash, files have their size in bytes after a tab.",
    schema: z.strictObject({
      path: z.string().default(".").describe("In the workspace, or in a read root."),
      depth: z.int().min(1).max(64).default(1).describe("1: only the directory's own entries."),
      exclude: z
        .array(z.string().min(1).max(4_096))
        .default([])
        .describe("Glob patterns of names or paths to leave out, such as node_modules."),
      limit: z.int().min(1).max(100_000).default(limits.listLimit),
    }),
    lease: "shared",
    plan(args, paths) {
      const path = paths.readable(args.path, "path");
      return async ({ session, signal, display }) => {
        const { depth, exclude, limit } = args;
        const listing = session.files.list(path, { depth, exclude, limit, signal });
        const items: ListedItem[] = [];
        for await (const info of listing) items.push(fileItem(info, display(info.path)));
        return listingOutcome(items, {
          isCut: listing.truncated,
          maxBytes: limits.toolResultBytes,
          nothing: "[the directory is empty]",
        });
      };
    },
  };
}
