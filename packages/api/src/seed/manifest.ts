import type { JsonObject } from "../json.js";
import type { RunnerManifest, RunnerManifestEntry } from "../manifest.js";
import { encodeMount, readMount } from "./mount.js";
import { SeedReader } from "./seed-reader.js";

export function decodeManifest(value: unknown): RunnerManifest {
  return readManifest(value, "manifest", "");
}

export function encodeManifest(manifest: RunnerManifest): JsonObject {
  return {
    entries: manifest.entries.map(encodeManifestEntry),
    mounts: manifest.mounts.map(encodeMount),
  };
}

export function decodeManifestEntry(value: unknown): RunnerManifestEntry {
  return readManifestEntry(value, "manifest entry", "");
}

export function encodeManifestEntry(entry: RunnerManifestEntry): JsonObject {
  return { source: entry.source, target: entry.target, writable: entry.writable };
}

export function readManifest(value: unknown, what: string, path: string): RunnerManifest {
  const reader = new SeedReader(value, what, path);
  return {
    entries: reader.list("entries", readManifestEntry),
    mounts: reader.list("mounts", readMount),
  };
}

function readManifestEntry(value: unknown, what: string, path: string): RunnerManifestEntry {
  const reader = new SeedReader(value, what, path);
  return {
    source: reader.string("source"),
    target: reader.string("target"),
    writable: reader.boolean("writable"),
  };
}
