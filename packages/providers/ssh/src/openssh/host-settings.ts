import { RunnerError } from "@mooring/api";
import type { ConfigCondition, ConfigLine } from "./config-lines.js";
import { matchesPatterns } from "./pattern-list.js";

/** What an OpenSSH configuration says of one host. */
export interface HostSettings {
  /** The first value that a setting has: later ones do not count. Names are in lower case. */
  first(name: string): string | undefined;
  /** All values of a setting that adds up. */
  all(name: string): readonly string[];
  /** The values of the first line that has the setting. */
  list(name: string): readonly string[] | undefined;
}

export interface HostQuery {
  /** As it was typed. */
  readonly alias: string;
  /** Given with it, which nothing in the configuration changes. */
  readonly user: string | undefined;
  readonly localUser: string;
}

/**
 * Evaluates the lines for a host, top to bottom, as `ssh` does. Programs are never run: a `Match exec` that is reached rejects
 * the host with `unsupported`, as nobody could tell what it would have decided.
 */
export function settingsFor(lines: readonly ConfigLine[], query: HostQuery): HostSettings {
  const found = new Map<string, string[][]>();
  const first = (name: string): string | undefined => found.get(name)?.[0]?.[0];
  for (const line of lines) {
    if (!line.conditions.every((condition) => holds(condition, query, first, line.file))) continue;
    const list = found.get(line.name);
    if (list === undefined) found.set(line.name, [[...line.values]]);
    else list.push([...line.values]);
  }
  return {
    first,
    all: (name) => found.get(name)?.flat() ?? [],
    list: (name) => found.get(name)?.[0],
  };
}

function holds(
  condition: ConfigCondition,
  { alias, user, localUser }: HostQuery,
  first: (name: string) => string | undefined,
  file: string,
): boolean {
  if (condition.kind === "host") return matchesPatterns(condition.patterns, alias);
  return condition.criteria.every(([criterion, patterns]) => {
    const name = criterion.replace(/^!/, "");
    return meets(name, patterns) !== criterion.startsWith("!");
  });

  function meets(name: string, patterns: readonly string[]): boolean {
    switch (name) {
      case "all":
        return true;
      case "host":
        return matchesPatterns(patterns, first("hostname")?.replaceAll("%h", alias) ?? alias);
      case "originalhost":
        return matchesPatterns(patterns, alias);
      case "user":
        return matchesPatterns(patterns, user ?? first("user") ?? localUser);
      case "localuser":
        return matchesPatterns(patterns, localUser);
      // Names are not made canonical here, so there is no second reading.
      case "canonical":
      case "final":
        return false;
      default:
        throw new RunnerError(
          "unsupported",
          `\`Match ${name}\` in ${file} is about ${alias}, and cannot be evaluated: ${name === "exec" ? "no program is run for it" : "it is not known"}. Give the settings in the destination, with \`configFile\` false`,
          { provider: "ssh", resource: "destination", retryable: false, phase: "before_start" },
        );
    }
  }
}
