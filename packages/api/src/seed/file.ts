import type { JsonObject } from "../json.js";
import { readBytes, writeBytes } from "./seed-bytes.js";
import { SeedReader } from "./seed-reader.js";

export interface SeedFileReadRequest {
  readonly path: string;
}

/** A whole file; both what was read and what is to be written. */
export interface SeedFileContents {
  readonly path: string;
  /** Written as base64. The seed's own array of numbers is read too. */
  readonly contents: Uint8Array;
}

export function decodeFileReadRequest(value: unknown): SeedFileReadRequest {
  return { path: new SeedReader(value, "file read request").string("path") };
}

export function encodeFileReadRequest(request: SeedFileReadRequest): JsonObject {
  return { path: request.path };
}

export function decodeFileReadResult(value: unknown): SeedFileContents {
  return readContents(value, "file read result");
}

export function encodeFileReadResult(result: SeedFileContents): JsonObject {
  return { path: result.path, contents: writeBytes(result.contents) };
}

export function decodeFileWriteRequest(value: unknown): SeedFileContents {
  return readContents(value, "file write request");
}

export function encodeFileWriteRequest(request: SeedFileContents): JsonObject {
  return { path: request.path, contents: writeBytes(request.contents) };
}

function readContents(value: unknown, what: string): SeedFileContents {
  const reader = new SeedReader(value, what);
  return { path: reader.string("path"), contents: reader.nested("contents", readBytes) };
}
