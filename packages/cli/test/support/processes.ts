import { readFile } from "node:fs/promises";

/** Whether a process is there and is no zombie. */
async function isAlive(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  if (status === undefined) return false;
  return status.slice(status.lastIndexOf(")") + 2, status.lastIndexOf(")") + 3) !== "Z";
}

/** The direct children of a process. */
export async function childrenOf(pid: number | undefined): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8");
  return text.trim().split(" ").filter(Boolean).map(Number);
}

/** Resolves when none of them is left; rejects when one still is after the time. */
export async function waitUntilGone(pids: readonly number[], timeoutMs = 10_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (const pid of pids) {
    while (await isAlive(pid)) {
      if (performance.now() > deadline) throw new Error(`process ${pid} is still there`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

/** The lines of a file, once it has that many. */
export async function waitForLines(file: string, count: number): Promise<string[]> {
  for (;;) {
    const text = await readFile(file, "utf8").catch(() => "");
    const lines = text.split("\n").slice(0, -1);
    if (lines.length >= count) return lines;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
