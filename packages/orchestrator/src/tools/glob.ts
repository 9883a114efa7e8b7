import * as z from "zod";
import type { OrchestratorLimits } from "../orchestrator-defaults.js";
import { fileItem } from "./file-item.js";
import { invalid } from "./invalid.js";
import { listingOutcome, type ListedItem } from "./listing-outcome.js";
import type { ToolDefinition } from "./tool-definition.js";

interface GlobArguments {
  pattern: string;
  path: string;
  includeHidden: boolean;
  exclude: string[];
  limit: number;
}

export function glob(limits: OrchestratorLimits): ToolDefinition<GlobArguments> {
  return {
    name: "glob",
    description:
      "Finds files and directories by a pattern of their path under `path`: `*`, `?`, `[a-z]`, `{a,b}`, `**` for any depth, such as src/**/*.ts.",
    schema: z.strictObject({
      pattern: z.string().min(1).max(4_096),
      path: z.string().default(".").describe("Where to look: in the workspace, or in a read root."),
      includeHidden: z.boolean().default(false).describe("Also names that begin with a dot."),
      exclude: z.array(z.string().min(1).max(4_096)).default([]).describe("Glob patterns to leave out."),
      limit: z.int().min(1).max(100_000).default(limits.listLimit),
    }),
    lease: "shared",
    plan(args, paths) {
      const cwd = paths.readable(args.path, "path");
      if (args.pattern.startsWith("/") || args.pattern.split("/").includes("..")) {
        throw invalid(
          `Expected \`pattern\` to be relative to \`path\`, without "..", got ${JSON.stringify(args.pattern.slice(0, 80))}`,
        );
      }
      return async ({ session, signal, display }) => {
        const { includeHidden, exclude, limit } = args;
        const listing = session.files.glob(args.pattern, { cwd, includeHidden, exclude, limit, signal });
        const items: ListedItem[] = [];
        for await (const info of listing) items.push(fileItem(info, display(info.path)));
        return listingOutcome(items, {
          isCut: listing.truncated,
          maxBytes: limits.toolResultBytes,
          nothing: "[nothing matches]",
        });
      };
    },
  };
}
