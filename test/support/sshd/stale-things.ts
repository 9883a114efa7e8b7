import { readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { accountPrefix, removeAccount } from "./account.js";
import { chrootParent, chrootPrefix } from "./chroot.js";
import { readEntry } from "./processes.js";
import { runProgram } from "./run-program.js";
import { serverPrefix } from "./sshd.js";

/** Removes what runs left that were killed before they could. What another run uses stays. */
export async function removeStaleThings(): Promise<void> {
  for (const line of (await readFile("/etc/passwd", "utf8")).split("\n")) {
    const [name = "", , , , comment = ""] = line.split(":");
    if (!name.startsWith(accountPrefix) || !isStale(comment, accountPrefix)) continue;
    // Another run that looks at the same time may be first.
    await removeAccount(name).catch(() => {});
  }
  for (const name of await readdir(chrootParent)) {
    if (!isStale(name, chrootPrefix)) continue;
    const directory = join(chrootParent, name);
    await runProgram("umount", ["-l", join(directory, "proc")]).catch(() => {});
    await rm(directory, { recursive: true, force: true });
  }
  for (const name of await readdir(tmpdir())) {
    if (isStale(name, serverPrefix)) await rm(join(tmpdir(), name), { recursive: true, force: true });
  }
}

/** Whether it is ours by its name, and the process in it is gone. */
function isStale(name: string, prefix: string): boolean {
  const [pid = ""] = name.slice(prefix.length).split("-");
  return name.startsWith(prefix) && /^\d+$/.test(pid) && readEntry(Number(pid)) === undefined;
}
