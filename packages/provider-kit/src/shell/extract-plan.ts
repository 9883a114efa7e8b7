import { RunnerError, type RunnerExtractLimits, type RunnerExtractReport } from "@mooring/api";
import { decodeText } from "../text/text-bytes.js";
import type { TarEntry } from "./tar/tar-entry.js";

/** Decides, entry by entry, what of an archive may be unpacked. Names are latin1, relative to the directory. */
export class ExtractPlan {
  readonly #limits: RunnerExtractLimits;
  readonly #links = new Set<string>();
  readonly #skipped: { path: string; reason: string }[] = [];
  #entries = 0;
  #totalBytes = 0;

  constructor(limits: RunnerExtractLimits) {
    this.#limits = limits;
  }

  /** A link that is there already, or was unpacked. */
  addLink(name: string): void {
    this.#links.add(name);
  }

  /**
   * The entry as it is to be unpacked; `undefined` for one that is left out. Throws `path_escape` for one that leaves the
   * directory, `resource_exhausted` past a limit.
   */
  admit(entry: TarEntry): TarEntry | undefined {
    const components = entry.name.split("/").filter((name) => name !== "" && name !== ".");
    if (entry.name.startsWith("/") || components.includes(".."))
      throw escapes(entry.name, "its name leaves the directory");
    const name = components.join("/");
    if (entry.type === "other") {
      this.#skipped.push({ path: shown(entry.name), reason: "neither a file, a directory nor a link" });
      return undefined;
    }
    if (name === "") return undefined;
    this.#count(entry);
    this.#requireNoLink(components, entry);
    const target = this.#target(entry, components);
    if (entry.type === "symlink") this.#links.add(name);
    else this.#links.delete(name);
    return { ...entry, name: entry.type === "directory" ? `${name}/` : name, mode: entry.mode & 0o777, target };
  }

  report(): RunnerExtractReport {
    return { entries: this.#entries, totalBytes: this.#totalBytes, skipped: this.#skipped };
  }

  #count(entry: TarEntry): void {
    const { maxEntries, maxTotalBytes } = this.#limits;
    if (this.#entries + 1 > maxEntries) throw exhausted(`more than ${maxEntries} entries`);
    if (this.#totalBytes + entry.sizeBytes > maxTotalBytes) throw exhausted(`more than ${maxTotalBytes} bytes`);
    this.#entries++;
    this.#totalBytes += entry.sizeBytes;
  }

  /** No name may go through a link, also not through one that stays inside: `tar` follows what it finds. */
  #requireNoLink(components: readonly string[], entry: TarEntry): void {
    const last = entry.type === "directory" ? components.length : components.length - 1;
    for (let length = 1; length <= last; length++) {
      if (this.#links.has(components.slice(0, length).join("/"))) {
        throw escapes(entry.name, "its name goes through a symbolic link");
      }
    }
  }

  #target(entry: TarEntry, components: readonly string[]): string {
    if (entry.type !== "symlink" && entry.type !== "hardlink") return "";
    const { target } = entry;
    if (target === "" || target.startsWith("/")) throw escapes(entry.name, "its link leaves the directory");
    const depth = entry.type === "symlink" ? components.slice(0, -1) : [];
    const resolved = [...depth];
    for (const name of target.split("/")) {
      if (name === "" || name === ".") continue;
      if (name !== "..") resolved.push(name);
      else if (resolved.pop() === undefined) throw escapes(entry.name, "its link leaves the directory");
    }
    if (entry.type === "symlink") return target;
    this.#requireNoLink([...resolved, ""], entry);
    if (this.#links.has(resolved.join("/"))) throw escapes(entry.name, "it is a second name of a symbolic link");
    return resolved.join("/");
  }
}

function escapes(name: string, why: string): RunnerError {
  return new RunnerError("path_escape", `The entry \`${shown(name)}\` cannot be unpacked: ${why}`, {
    operation: "files.extract",
    resource: "file",
    retryable: false,
    phase: "running",
    details: { path: shown(name) },
  });
}

function exhausted(what: string): RunnerError {
  return new RunnerError("resource_exhausted", `The archive holds ${what}`, {
    operation: "files.extract",
    resource: "file",
    retryable: false,
    phase: "running",
  });
}

function shown(name: string): string {
  return decodeText(Buffer.from(name, "latin1")).text;
}
