import { readFile } from "node:fs/promises";
import { accountPrefix, removeAccount } from "./account.js";
import { readEntry } from "./processes.js";

/** Removes accounts of runs that were killed before they could. What another run uses stays. */
export async function removeStaleAccounts(): Promise<void> {
  for (const line of (await readFile("/etc/passwd", "utf8")).split("\n")) {
    const [name = "", , , , comment = ""] = line.split(":");
    if (!name.startsWith(accountPrefix) || !comment.startsWith(accountPrefix)) continue;
    if (readEntry(Number(comment.slice(accountPrefix.length))) !== undefined) continue;
    try {
      await removeAccount(name);
    } catch {
      // Another run that looks at the same time was first.
    }
  }
}
