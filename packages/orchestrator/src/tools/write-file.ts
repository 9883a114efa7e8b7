import * as z from "zod";
import { invalid } from "./invalid.js";
import type { ToolDefinition } from "./tool-definition.js";

interface WriteFileArguments {
  path: string;
  content: string;
  encoding: "text" | "base64";
  ifVersion?: string | null;
}

export const writeFile: ToolDefinition<WriteFileArguments> = {
  name: "write_file",
  description:
    "Writes a whole file, replacing what is there in one step; directories on the way are made. To change a part of a file use edit_file.",
  schema: z.strictObject({
    path: z.string().describe("In the workspace."),
    content: z.string(),
    encoding: z.enum(["text", "base64"]).default("text").describe("What `content` is."),
    ifVersion: z
      .union([z.string(), z.null()])
      .optional()
      .describe("Write only over this version, as read_file told it; null: only a new file."),
  }),
  lease: "exclusive",
  plan(args, paths) {
    const path = paths.writable(args.path, "path");
    const contents = args.encoding === "text" ? Buffer.from(args.content) : decodeBase64(args.content);
    return async ({ session, signal }) => {
      const { version, sizeBytes } = await session.files.write(path, contents, {
        createParents: true,
        signal,
        ...(args.ifVersion === undefined ? {} : { ifVersion: args.ifVersion }),
      });
      const data = { path, version, sizeBytes };
      return { content: `Wrote ${sizeBytes} bytes to ${path}.`, data, facts: data };
    };
  },
};

/** Strict: what Node's decoder would pass over in silence is refused. */
function decodeBase64(text: string): Buffer {
  const compact = text.replaceAll(/[\r\n]/g, "");
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(compact)) {
    throw invalid("Expected `content` to be base64, got something else");
  }
  return Buffer.from(compact, "base64");
}
