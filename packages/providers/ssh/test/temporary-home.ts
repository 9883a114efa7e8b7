import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, vi } from "vitest";

/** A home of a test's own, which `~` and `HOME` mean. */
export interface TemporaryHome {
  readonly directory: string;
  /** Writes a file in it, and returns its path. */
  write(name: string, contents: string): string;
}

export function useHome(): TemporaryHome {
  let directory = "";
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "mooring-ssh-"));
    vi.stubEnv("HOME", directory);
    vi.stubEnv("SSH_AUTH_SOCK", undefined);
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));
  return {
    get directory() {
      return directory;
    },
    write(name, contents) {
      const path = join(directory, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, contents, { mode: 0o600 });
      return path;
    },
  };
}
