import { readdir, readFile } from "node:fs/promises";

/** Living processes whose environment or command line holds the mark; zombies are not alive. */
export async function marked(mark: string): Promise<number[]> {
  const found: number[] = [];
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const text = await Promise.all(
      ["environ", "cmdline", "stat"].map((file) => readFile(`/proc/${name}/${file}`, "latin1").catch(() => "")),
    );
    const [environment = "", line = "", status = ""] = text;
    if (/\) [ZX] /.test(status)) continue;
    if (environment.includes(mark) || line.includes(mark)) found.push(Number(name));
  }
  return found;
}

/** Resolves when it is so; the test's own time limit ends the waiting. */
export async function eventually(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setImmediate(resolve));
}

/** The processes that a process has started itself and that live. */
export async function childrenOf(parent: number): Promise<number[]> {
  const found: number[] = [];
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const status = await readFile(`/proc/${name}/stat`, "latin1").catch(() => "");
    // The name in parentheses may hold anything; state and parent come after its end.
    const [state, parentOf] = status.slice(status.lastIndexOf(")") + 2).split(" ");
    if (state !== "Z" && Number(parentOf) === parent) found.push(Number(name));
  }
  return found;
}
