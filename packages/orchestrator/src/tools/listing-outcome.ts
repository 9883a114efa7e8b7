import type { JsonObject } from "@mooring/api";
import { leftOutMarker } from "./output-window.js";
import type { ToolOutcome } from "./tool-definition.js";

/** One result of a walk: as a line for the model and as data. */
export interface ListedItem {
  readonly line: string;
  readonly data: JsonObject;
}

/** Room for the lines after the results. */
const frameBytes = 300;

/**
 * The results that fit, whole lines, the first ones. What does not fit is counted; results past the walk's
 * own limit were never seen and are only said to exist.
 */
export function listingOutcome(
  items: readonly ListedItem[],
  options: { readonly isCut: boolean; readonly maxBytes: number; readonly nothing: string },
): ToolOutcome {
  const kept: ListedItem[] = [];
  let bytes = 0;
  let leftOutBytes = 0;
  for (const item of items) {
    const size = Buffer.byteLength(item.line) + 1;
    if (leftOutBytes === 0 && bytes + size <= options.maxBytes - frameBytes) {
      kept.push(item);
      bytes += size;
    } else {
      leftOutBytes += size;
    }
  }
  const leftOutLines = items.length - kept.length;
  const isWhole = leftOutLines === 0 && !options.isCut;
  const notes = [
    ...(leftOutLines === 0 ? [] : [leftOutMarker({ bytes: leftOutBytes, lines: leftOutLines })]),
    ...(options.isCut ? [`[there are more than these ${items.length}; narrow it down or raise \`limit\`]`] : []),
  ];
  const lines = kept.length === 0 && notes.length === 0 ? [options.nothing] : kept.map((item) => item.line);
  const facts = { count: items.length, more: options.isCut };
  return {
    content: [...lines, ...notes].join("\n"),
    data: { ...facts, items: kept.map((item) => item.data) },
    truncated: isWhole ? null : { bytes: leftOutBytes, lines: options.isCut ? null : leftOutLines },
    facts,
  };
}
