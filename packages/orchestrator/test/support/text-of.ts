import type { ToolResult } from "../../src/index.js";

/** A field of a result's data that must be a string. */
export function textOf({ data, content }: ToolResult, field: string): string {
  const value = data?.[field];
  if (typeof value !== "string") throw new Error(`Expected \`${field}\` to be a string: ${content}`);
  return value;
}
