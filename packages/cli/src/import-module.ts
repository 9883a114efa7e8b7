import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { usageError } from "./cli-error.js";

/** A module of the user's, by its file; what fails is told with the file's name. */
export async function importModule(file: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return (await import(pathToFileURL(resolve(file)).href)) as Readonly<Record<string, unknown>>;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ERR_UNKNOWN_FILE_EXTENSION") {
      throw usageError(
        `Node ${process.versions.node} cannot import ${file}: use Node 22.18 or later, or write a .mjs file`,
        error,
      );
    }
    throw usageError(`Could not import ${file}: ${error instanceof Error ? error.message : String(error)}`, error);
  }
}
