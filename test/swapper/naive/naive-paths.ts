import { realpath } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { RunnerError, type Text } from "@mooring/api";
import { errnoError } from "@mooring/provider-kit";

/** Paths as a naive provider takes them: checked first, used afterwards. */
export interface NaivePaths {
  /** The real path of something that is there. Rejects with `path_escape` outside of the workspace. */
  readonly checked: (path: Text) => Promise<string>;
  /** The same for something that may not be there, nor some of the directories that lead to it. */
  readonly checkedNew: (path: Text) => Promise<string>;
  /** The same for a name that is not followed itself. */
  readonly checkedName: (path: Text) => Promise<string>;
}

export async function naivePaths(workspace: string): Promise<NaivePaths> {
  const root = await realpath(workspace);
  const absolute = (path: Text) => resolve(workspace, typeof path === "string" ? path : Buffer.from(path).toString());
  const inside = (real: string, path: Text) => {
    if (real === root || real.startsWith(`${root}/`)) return real;
    throw new RunnerError("path_escape", `${String(path)} leaves the workspace`);
  };
  async function realNew(path: string): Promise<string> {
    try {
      return await realpath(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      return join(await realNew(dirname(path)), basename(path));
    }
  }
  return {
    checked: (path) => withRunnerErrors(async () => inside(await realpath(absolute(path)), path)),
    checkedNew: (path) => withRunnerErrors(async () => inside(await realNew(absolute(path)), path)),
    checkedName: (path) =>
      withRunnerErrors(async () => {
        const name = absolute(path);
        return join(inside(await realpath(dirname(name)), path), basename(name));
      }),
  };
}

/** Errors of the system as the contract's. */
export async function withRunnerErrors<Value>(work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    if (RunnerError.is(error)) throw error;
    // The library's own, for a copy of a file over a directory and the like.
    throw errnoError(code.startsWith("ERR_FS_") ? "EINVAL" : code, message, { cause: error });
  }
}
