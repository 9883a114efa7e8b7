import type { Json } from "../engine/fuzz-target.js";
import {
  type Field,
  frame,
  packMessage,
  packRecord,
} from "../../../packages/provider-kit/test/support/helper-records.js";

/**
 * Frames that JSON spells out: `{ type, id, record }`, `{ type, id, channel, text }` or `{ raw }`, in latin1. What makes no
 * sense in it is passed over, so that every change of a script is a script.
 */
export function framesOf(script: Json): Buffer[] {
  if (!Array.isArray(script)) return [];
  return (script as readonly Json[]).slice(0, 200).flatMap((step) => {
    const bytes = frameOf(step);
    return bytes === undefined ? [] : [bytes];
  });
}

function frameOf(step: Json): Buffer | undefined {
  if (typeof step !== "object" || step === null || Array.isArray(step)) return undefined;
  const fields = step as { readonly [key: string]: Json };
  const { raw, type, id, record, channel, text, list } = fields;
  if (typeof raw === "string") return Buffer.from(raw.slice(0, 65_536), "latin1");
  if (!isByte(type)) return undefined;
  const number = typeof id === "number" && Number.isFinite(id) ? Math.trunc(id) : 0;
  const parts: Buffer[] = [];
  if (isByte(channel)) parts.push(Buffer.of(channel));
  if (Array.isArray(list)) {
    parts.push(...(list as readonly Json[]).map((item) => lengthed(packRecord(recordOf(item)))));
  }
  if (record !== undefined) parts.push(packMessage(recordOf(record)));
  if (typeof text === "string") parts.push(Buffer.from(text.slice(0, 65_536), "latin1"));
  return frame(type, number, Buffer.concat(parts));
}

function recordOf(value: Json): Record<string, Field> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([key, item]: [string, Json]) => [key, fieldOf(item)]));
}

/** Records in a list are packed, too. */
function fieldOf(value: Json): Field {
  if (typeof value === "string" || typeof value === "number") return value;
  if (Array.isArray(value)) {
    return (value as readonly Json[]).map((item) =>
      typeof item === "object" ? packRecord(recordOf(item)) : String(item),
    );
  }
  return JSON.stringify(value);
}

function lengthed(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function isByte(value: Json | undefined): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 255;
}
