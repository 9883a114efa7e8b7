import { usageError } from "../cli-error.js";

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** `30s`, `500ms`, `1.5h` in milliseconds; a bare number is seconds, as for timeout(1). */
export function durationMs(option: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(text);
  const milliseconds = match === null ? 0 : Math.round(Number(match[1]) * (unitMs[match[2] ?? "s"] ?? 0));
  if (match === null || !Number.isSafeInteger(milliseconds) || milliseconds <= 0) {
    throw usageError(`Expected ${option} to be a time above 0 such as 30s, 500ms, 2m or 1h, got \`${text}\``);
  }
  return milliseconds;
}
