// Fails when a descendant of the given process is left, other than the excluded one and this script.
// A process that is just ending gets a moment: what counts is what stays.
import { readFileSync, readdirSync } from "node:fs";
import process from "node:process";
import { setTimeout } from "node:timers/promises";

const [root, ...excluded] = process.argv.slice(2).map(Number);
const ignored = new Set([...excluded, process.pid]);
const deadline = Date.now() + 5000;

let leftovers = findLeftovers();
while (leftovers.length > 0 && Date.now() < deadline) {
  await setTimeout(100);
  leftovers = findLeftovers();
}
for (const pid of leftovers) console.error(`left running: ${pid} ${commandLine(pid)}`);
process.exitCode = leftovers.length === 0 ? 0 : 1;

function findLeftovers() {
  const children = new Map();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const parent = parentUnlessEnded(name);
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const found = [];
  const pending = [root];
  while (pending.length > 0) {
    const below = children.get(pending.pop()) ?? [];
    pending.push(...below);
    found.push(...below.filter((pid) => !ignored.has(pid)));
  }
  return found;
}

function parentUnlessEnded(pid) {
  const stat = read(`/proc/${pid}/stat`);
  // The second field is the program's name in parentheses and may hold anything.
  const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return state === "Z" || parent === undefined ? undefined : Number(parent);
}

function commandLine(pid) {
  return read(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim();
}

/** A process may end between the listing and the reading: then there is nothing to read. */
function read(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
