import { mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { delimiter, join } from "node:path";
import process from "node:process";

/** Fills a directory with links to all programs of our `PATH` but Perl; to be the whole `PATH` of a session. */
export function programsWithoutPerl(directory: string): string {
  mkdirSync(directory, { recursive: true });
  const seen = new Set<string>();
  for (const place of (process.env["PATH"] ?? "").split(delimiter)) {
    for (const name of listed(place)) {
      if (seen.has(name) || name.startsWith("perl")) continue;
      seen.add(name);
      symlinkSync(join(place, name), join(directory, name));
    }
  }
  return directory;
}

function listed(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
