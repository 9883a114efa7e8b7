import { readdir, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, dirname, isAbsolute, join } from "node:path";
import { RunnerError } from "@mooring/api";
import SSHConfig, { LineType } from "ssh-config";
import { matchesPatterns } from "./pattern-list.js";

/** A directive that holds wherever it stands, or where its block's conditions are met. */
export interface ConfigLine {
  /** In lower case. */
  readonly name: string;
  readonly values: readonly string[];
  /** Each `Host` and `Match` that it stands under, outermost first. */
  readonly conditions: readonly ConfigCondition[];
  readonly file: string;
}

export type ConfigCondition =
  | { readonly kind: "host"; readonly patterns: readonly string[] }
  | { readonly kind: "match"; readonly criteria: readonly (readonly [name: string, patterns: readonly string[]])[] };

const deepestInclude = 16;

/** The lines of an OpenSSH configuration, included files in their places. A file that is not there has none. */
export async function readConfigLines(
  file: string,
  { required = false, conditions = [], depth = 0, includeFrom = dirname(file) }: ReadOptions = {},
): Promise<ConfigLine[]> {
  if (depth > deepestInclude) throw wrong(file, `more than ${deepestInclude} files include one another`);
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (!required && (error.code === "ENOENT" || error.code === "ENOTDIR")) return undefined;
    throw wrong(file, error.code ?? "EIO", error);
  });
  if (text === undefined) return [];
  const lines: ConfigLine[] = [];
  for (const entry of parsed(text, file)) {
    if (entry.type !== LineType.DIRECTIVE) continue;
    const inner = conditionOf(entry);
    if (inner === undefined) {
      lines.push(...(await expand(entry, conditions)));
      continue;
    }
    for (const line of (entry as { config: SSHConfig }).config) {
      if (line.type === LineType.DIRECTIVE) lines.push(...(await expand(line, [...conditions, inner])));
    }
  }
  return lines;

  async function expand(directive: Directive, under: readonly ConfigCondition[]): Promise<ConfigLine[]> {
    const name = directive.param.toLowerCase();
    const values = valuesOf(directive.value);
    if (name !== "include") return [{ name, values, conditions: under, file }];
    const included: ConfigLine[] = [];
    for (const pattern of values) {
      for (const path of await filesOf(pattern, includeFrom)) {
        included.push(...(await readConfigLines(path, { conditions: under, depth: depth + 1, includeFrom })));
      }
    }
    return included;
  }
}

interface ReadOptions {
  /** Whether a file that is not there is an error. */
  readonly required?: boolean;
  readonly conditions?: readonly ConfigCondition[];
  readonly depth?: number;
  /** Where relative names of included files are looked for. */
  readonly includeFrom?: string;
}

interface Directive {
  readonly param: string;
  readonly value: string | readonly { readonly val: string }[];
}

function parsed(text: string, file: string): SSHConfig {
  try {
    return SSHConfig.parse(text);
  } catch (error) {
    throw wrong(file, error instanceof Error ? error.message : String(error), error);
  }
}

function valuesOf(value: Directive["value"]): string[] {
  return typeof value === "string" ? [value] : value.map(({ val }) => val);
}

function conditionOf(directive: Directive): ConfigCondition | undefined {
  const name = directive.param.toLowerCase();
  if (name === "host") return { kind: "host", patterns: valuesOf(directive.value) };
  if (name !== "match") return undefined;
  const { criteria = {} } = directive as { criteria?: Readonly<Record<string, Directive["value"]>> };
  return {
    kind: "match",
    criteria: Object.entries(criteria).map(([criterion, value]) => [
      criterion.toLowerCase(),
      valuesOf(value).flatMap((text) => text.split(",")),
    ]),
  };
}

/** Names of files, with `*` and `?` in the last part. */
async function filesOf(pattern: string, includeFrom: string): Promise<string[]> {
  const home = pattern.replace(/^~(?=\/)/, homedir());
  const path = isAbsolute(home) ? home : join(includeFrom, home);
  if (!/[*?]/.test(basename(path))) return [path];
  const names = await readdir(dirname(path)).catch(() => []);
  return names
    .filter((name) => !name.startsWith(".") && matchesPatterns([basename(path)], name))
    .toSorted()
    .map((name) => join(dirname(path), name));
}

function wrong(file: string, reason: string, cause?: unknown): RunnerError {
  return new RunnerError("invalid_request", `The OpenSSH configuration ${file} cannot be read: ${reason}`, {
    provider: "ssh",
    resource: "destination",
    retryable: false,
    phase: "before_start",
    details: { path: file },
    cause,
  });
}
