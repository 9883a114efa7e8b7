import { randomBytes } from "node:crypto";
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Base } from "./bases.js";
import { InputError } from "./input-error.js";
import { newNames, renamed } from "./renamed.js";

const templates = fileURLToPath(new URL("../templates/", import.meta.url));

/** npm leaves some files out of packages, and takes others for its own: those travel under another name. */
const packedNames = { gitignore: ".gitignore", "manifest.json": "package.json" };

export interface PackageWishes {
  readonly name: string;
  readonly base: Base;
  /** Absolute. It must not be there, or be empty. */
  readonly directory: string;
}

/** Writes the whole package, or nothing: it is put together beside its place, and moved there in one step. */
export async function writePackage({ name, base, directory }: PackageWishes): Promise<void> {
  await requireNothingThere(directory);
  const draft = path.join(path.dirname(directory), `.${name}-${randomBytes(8).toString("hex")}`);
  try {
    await mkdir(draft);
    for (const part of ["shared", base]) await cp(path.join(templates, part), draft, { recursive: true });
    for (const [packed, made] of Object.entries(packedNames)) {
      await rename(path.join(draft, packed), path.join(draft, made));
    }
    await fillIn(draft, name, await ownVersion());
    await putInPlace(draft, directory);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw error;
  }
}

async function requireNothingThere(directory: string): Promise<void> {
  let names: string[];
  try {
    names = await readdir(directory);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return;
    if (code === "ENOTDIR") throw new InputError(`Expected ${directory} to be a directory or nothing, got a file`);
    throw error;
  }
  if (names.length === 0) return;
  const shown = names.slice(0, 3).join(", ");
  throw new InputError(`Expected ${directory} to be empty or not there, got ${names.length} entries: ${shown}`);
}

/** Gives every file the provider's name, and the manifest the versions of our packages. */
async function fillIn(draft: string, id: string, version: string): Promise<void> {
  const entries = await readdir(draft, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  const texts = await Promise.all(files.map((file) => readFile(file, "utf8")));
  const names = newNames(id, texts);
  for (const [index, file] of files.entries()) {
    const text = renamed(texts[index] ?? "", names);
    const name = path.basename(file);
    await writeFile(file, name === "package.json" ? withVersions(text, version) : text);
    await rename(file, path.join(path.dirname(file), renamed(name, names)));
  }
}

/** Our packages are released together; a template names them at a version that never was. */
function withVersions(manifest: string, version: string): string {
  return manifest.replaceAll(/"(@mooring\/[a-z-]+)": "0\.0\.0"/g, `"$1": "^${version}"`);
}

async function ownVersion(): Promise<string> {
  const manifest = await readFile(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}

/** An empty directory that is there is replaced. */
async function putInPlace(draft: string, directory: string): Promise<void> {
  try {
    await rename(draft, directory);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOTEMPTY" || code === "EEXIST") {
      throw new InputError(`Expected ${directory} to be empty or not there; something came there meanwhile`);
    }
    throw error;
  }
}
