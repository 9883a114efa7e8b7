import type { JsonObject } from "../json.js";
import { SeedReader } from "./seed-reader.js";

export interface SeedPortRequest {
  /** 1 to 65,535. */
  readonly port: number;
  /** @default null */
  readonly label: string | null;
}

export interface SeedPortResult {
  /** 1 to 65,535. */
  readonly port: number;
  /** @default null */
  readonly url: string | null;
}

export function decodePortRequest(value: unknown): SeedPortRequest {
  const reader = new SeedReader(value, "port request");
  return { port: readPort(reader), label: reader.nullableString("label") };
}

export function encodePortRequest(request: { readonly port: number; readonly label?: string | null }): JsonObject {
  return { port: request.port, label: request.label ?? null };
}

export function decodePortResult(value: unknown): SeedPortResult {
  const reader = new SeedReader(value, "port result");
  return { port: readPort(reader), url: reader.nullableString("url") };
}

/** Takes a `RunnerPort` too. */
export function encodePortResult(result: { readonly port: number; readonly url?: string | null }): JsonObject {
  return { port: result.port, url: result.url ?? null };
}

function readPort(reader: SeedReader): number {
  return reader.integer("port", 1, 65_535);
}
