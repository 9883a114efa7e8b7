import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import type { RemoteRunnerProvider } from "@mooring/api";
import { usageError } from "../cli-error.js";
import { importModule } from "../import-module.js";

/** A destination that is spelled out. `parseUntrusted` has the last word on each part. */
export interface DestinationEntry {
  readonly provider: string;
  readonly config?: unknown;
  readonly manifest?: unknown;
  readonly requirements?: unknown;
}

/** A configuration that was found and read. */
export interface LoadedConfig {
  readonly file: string;
  /** By name: a location, or a destination spelled out. */
  readonly destinations: Readonly<Record<string, string | DestinationEntry>>;
  /** Only a module (`.mjs`, `.ts`) can bring providers of its own. */
  readonly providers: readonly RemoteRunnerProvider[];
}

const fileNames = ["mooring.config.json", "mooring.config.mjs", "mooring.config.ts"];

/** Reads the file that is named, or the first `mooring.config.*` of the current directory; `undefined` when there is none. */
export async function loadConfig(named: string | undefined): Promise<LoadedConfig | undefined> {
  if (named !== undefined) return await readConfig(named);
  for (const name of fileNames) {
    const found = await readFile(name).then(
      () => true,
      (error: NodeJS.ErrnoException) => error.code !== "ENOENT",
    );
    if (found) return await readConfig(name);
  }
  return undefined;
}

async function readConfig(file: string): Promise<LoadedConfig> {
  const kind = extname(file);
  if (kind !== ".json" && kind !== ".mjs" && kind !== ".ts") {
    throw usageError(`Expected --config to name a .json, .mjs or .ts file, got \`${file}\``);
  }
  const value = kind === ".json" ? await readJson(file) : (await importModule(file))["default"];
  const { configFileSchema } = await import("./config-schema.js");
  const { parseUntrusted } = await import("@mooring/api");
  const parsed = await parseUntrusted(configFileSchema, value, file);
  return {
    file,
    // No prototype: a destination called `constructor` is not there unless it was configured.
    destinations: Object.assign(Object.create(null), parsed.destinations),
    providers: kind === ".json" ? [] : (parsed.providers as readonly RemoteRunnerProvider[]),
  };
}

async function readJson(file: string): Promise<unknown> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw usageError(`Could not read ${file}: ${messageOf(error)}`, error);
  });
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw usageError(`Expected JSON in ${file}: ${messageOf(error)}`, error);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
