import { RunnerError, type Text } from "@mooring/api";
import { errnoError } from "../errors/errno-table.js";
import { decodeText, pathBytes } from "../text/text-bytes.js";
import { latin1, quoted } from "./shell-source.js";

const longestName = 255;
const longestPath = 4_095;

/** Whether a path is to be read, or something there changed. */
export type RootAccess = "read" | "write";

interface Root {
  /** Real, without a slash at its end; `/` is the empty string. */
  readonly path: string;
  readonly spellings: readonly string[];
  readonly writable: boolean;
}

/** A path as a script takes it. All are bytes, as latin1. */
export interface LocatedPath {
  /** The root's real path. */
  readonly base: string;
  /** Components beneath it, joined; empty for the root itself. */
  readonly rest: string;
  /** Whether its end asks for a directory. */
  readonly directory: boolean;
  /** Absolute, as the caller spelled it beneath the root. */
  readonly absolute: string;
}

/** The roots of a session, by their real paths and by those that were given. */
export class ShellRoots {
  readonly #roots: readonly Root[];
  readonly workspace: string;
  /** Functions for the scripts that resolve paths. */
  readonly source: string;

  constructor(
    workspace: { readonly real: string; readonly given: string },
    others: readonly { readonly real: string; readonly given: string; readonly writable: boolean }[],
  ) {
    this.workspace = workspace.real;
    this.#roots = [{ ...workspace, writable: true }, ...others]
      .map(({ real, given, writable }) => ({
        path: withoutSlash(real),
        spellings: [...new Set([withoutSlash(real), withoutSlash(given)])],
        writable,
      }))
      .toSorted((left, right) => right.path.length - left.path.length);
    this.source = [this.#insideSource(), this.#rootOfSource(), this.#isRootSource()].join("; ");
  }

  /** Where a path starts. Rejects with `path_escape` or, for writing in a read root, `permission_denied`. */
  locate(path: Text, access: RootAccess, option = "path"): LocatedPath {
    const text = latin1(pathBytes(path, option));
    const components = text.split("/").filter((name) => name !== "" && name !== ".");
    if (text.length > longestPath || components.some((name) => name.length > longestName)) {
      throw errnoError("ENAMETOOLONG", `The path is too long: \`${shown(text).slice(0, 80)}...\``, fileError(text));
    }
    const directory = /\/\.?$/.test(text);
    if (!text.startsWith("/")) return located(withoutSlash(this.workspace), components, directory);
    const root = this.#rootOf(components, access);
    if (root !== undefined) return located(root.path, root.rest, directory);
    const readable = access === "write" && this.#rootOf(components, "read") !== undefined;
    throw new RunnerError(
      readable ? "permission_denied" : "path_escape",
      readable
        ? `The path lies in a read root: \`${shown(text)}\``
        : `The path leaves the roots of the session: \`${shown(text)}\``,
      { retryable: false, ...fileError(text) },
    );
  }

  #rootOf(components: readonly string[], access: RootAccess): { path: string; rest: string[] } | undefined {
    const path = components.map((name) => `/${name}`).join("");
    for (const root of this.#roots) {
      if (access === "write" && !root.writable) continue;
      for (const spelling of root.spellings) {
        if (!`${path}/`.startsWith(`${spelling}/`)) continue;
        return { path: root.path, rest: components.slice(spelling.split("/").length - 1) };
      }
    }
    return undefined;
  }

  #insideSource(): string {
    const patterns = this.#roots.map((root) => `${accessPattern(root)}:${quoted(`${root.path}/`)}*`);
    return `inside() { case $access:$1/ in ${patterns.join("|")}) return 0 ;; esac; return 1; }`;
  }

  #rootOfSource(): string {
    const branches = this.#roots.flatMap((root) =>
      root.spellings.map(
        (spelling) =>
          `${accessPattern(root)}:${quoted(`${spelling}/`)}*) base=${quoted(root.path || "/")} tail=\${1#${quoted(spelling)}} ;;`,
      ),
    );
    return `root_of() { case $access:$1/ in ${branches.join(" ")} *) return 1 ;; esac; }`;
  }

  #isRootSource(): string {
    const patterns = this.#roots.map((root) => quoted(root.path || "/"));
    return `is_root() { case $1 in ${patterns.join("|")}) return 0 ;; esac; return 1; }`;
  }
}

function located(base: string, components: readonly string[], directory: boolean): LocatedPath {
  const rest = components.join("/");
  return { base: base || "/", rest, directory, absolute: (rest === "" ? base : `${base}/${rest}`) || "/" };
}

function accessPattern(root: Root): string {
  return root.writable ? "?" : "r";
}

function withoutSlash(path: string): string {
  return path.replace(/\/+$/, "");
}

/** A path of bytes as words for people. */
export function shown(path: string): string {
  return decodeText(Buffer.from(path, "latin1")).text;
}

function fileError(path: string): { resource: "file"; phase: "before_start"; details: { path: string } } {
  return { resource: "file", phase: "before_start", details: { path: shown(path) } };
}
