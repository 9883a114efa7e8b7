import { RunnerError } from "@mooring/api";

/** A value as evidence: bytes by their length and beginning, errors by their code, the rest as JSON. */
export function showValue(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value instanceof Uint8Array) return showBytes(value);
  if (RunnerError.is(value)) return `RunnerError ${value.code}: ${value.message}`;
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  try {
    return JSON.stringify(value, replaceForEvidence) ?? "a value that JSON cannot carry";
  } catch {
    return "a value that JSON cannot carry";
  }
}

export function showBytes(bytes: Uint8Array): string {
  const shown = Buffer.from(bytes.subarray(0, 32)).toString("hex");
  return `${bytes.length} bytes${bytes.length === 0 ? "" : `: ${shown}${bytes.length > 32 ? "…" : ""}`}`;
}

function replaceForEvidence(_key: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return showBytes(value);
  if (typeof value === "bigint") return String(value);
  if (typeof value === "string" && value.length > 200) return `${value.slice(0, 200)}…`;
  return value;
}
