import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { EncodedInput } from "./fuzz-target.js";

export const corpusFolder = fileURLToPath(new URL("../corpus/", import.meta.url));

export interface CorpusEntry {
  readonly file: string;
  readonly input: EncodedInput;
}

/** What is kept in the repository for a target, in the order of the names. */
export function readCorpus(target: string): CorpusEntry[] {
  let names: string[];
  try {
    names = readdirSync(join(corpusFolder, target));
  } catch {
    return [];
  }
  return names.toSorted().map((name) => {
    const file = join(corpusFolder, target, name);
    return { file, input: readFileSync(file) };
  });
}

/** Keeps an input under a name made of its contents; gives the file's path. */
export function keepInput(target: string, kind: "kept" | "failure", input: EncodedInput): string {
  mkdirSync(join(corpusFolder, target), { recursive: true });
  const hash = createHash("sha256").update(input).digest("hex").slice(0, 12);
  const file = join(corpusFolder, target, `${kind}-${hash}.input`);
  writeFileSync(file, input);
  return file;
}
