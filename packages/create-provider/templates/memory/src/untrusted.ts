import { posix } from "node:path";
import {
  absolutePathSchema,
  parseUntrusted,
  type RunnerDestination,
  runnerDestinationSchema,
  type RunnerSessionOptions,
  type RunnerSessionState,
  runnerSessionStateSchema,
  secretRefSchema,
} from "@mooring/api";
import * as z from "zod";
import { type MyPlaceConfig, myPlaceConfigSchema } from "./config.js";
import { failure } from "./failure.js";
import type { MemoryRoots } from "./file-view.js";
import { keyOf } from "./path-bytes.js";

/** The configuration of a destination. What it asks for and this place cannot do is refused: a requirement is never ignored. */
export async function parseConfig(destination: RunnerDestination<MyPlaceConfig>): Promise<MyPlaceConfig> {
  const about = { provider: "my-place", resource: "destination" } as const;
  refuse("requirements", Object.keys(destination.requirements ?? {}));
  const parsed = await parseUntrusted(runnerDestinationSchema, destination, "destination", about);
  requireSame("providerId", "destination", parsed.providerId, "my-place");
  refuse("manifest entries", parsed.defaultManifest.entries);
  refuse("manifest mounts", parsed.defaultManifest.mounts);
  return await parseUntrusted(myPlaceConfigSchema, destination.config, "config of my-place", about);
}

/** Stored state is untrusted, and may be another destination's. */
export async function parseState(state: unknown, destinationId: string): Promise<RunnerSessionState> {
  const parsed = await parseUntrusted(runnerSessionStateSchema, state, "session state", { resource: "session" });
  requireSame("providerId", "session state", parsed.providerId, "my-place");
  requireSame("destinationId", "session state", parsed.destinationId, destinationId);
  return parsed;
}

const variablesSchema = z.record(
  z.string().regex(/^[^=\0]+$/, "expected a name that is not empty, without = and NUL"),
  z.union([z.string().regex(/^[^\0]*$/, "expected a value without NUL bytes"), secretRefSchema]),
);

/** The roots that a session asks for. Its variables reach nothing, as no command runs here, but wrong ones are wrong everywhere. */
export async function parseRoots(options: RunnerSessionOptions, workspace: string): Promise<MemoryRoots> {
  refuse("snapshot", options.snapshot === undefined ? [] : [options.snapshot]);
  await parseUntrusted(variablesSchema, options.env ?? {}, "`env`");
  const all = (field: string, paths: readonly string[] = []) =>
    Promise.all(paths.map((path) => normalPath(field, path)));
  return {
    workspace: await normalPath("workspace", workspace),
    readRoots: await all("readRoots", options.readRoots),
    writeRoots: await all("writeRoots", options.writeRoots),
  };
}

async function normalPath(field: string, path: string): Promise<string> {
  const parsed = await parseUntrusted(absolutePathSchema, path, `\`${field}\``);
  return keyOf(posix.resolve(parsed));
}

function refuse(what: string, given: readonly unknown[]): void {
  if (given.length === 0) return;
  throw failure("unsupported", `${what} cannot be honoured: this place is memory alone`, { resource: "destination" });
}

function requireSame(field: string, what: string, given: string, expected: string): void {
  if (given === expected) return;
  throw failure("invalid_request", `Expected \`${field}\` of ${what} to be "${expected}", got "${given}"`);
}
