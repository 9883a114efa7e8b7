// npm run verify -- <place>: the whole kit on one of our own places, with every fact that we know of it.
import { writeFile } from "node:fs/promises";
import process from "node:process";
import { parseArgs } from "node:util";
import { runPlace } from "./run-place.js";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    group: { type: "string", multiple: true },
    only: { type: "string", multiple: true },
    json: { type: "string" },
  },
});
const [name = "unix-local"] = positionals;
const { group: groups, only, json } = values;
const report = await runPlace(name, { groups, only }, (line) => console.log(line));
if (json !== undefined) await writeFile(json, `${JSON.stringify(report, undefined, 2)}\n`);
const { passed, failed, skipped, total, durationMs } = report;
const groupCount = Object.keys(report.groups).length;
const promiseCount = Object.keys(report.promises).length;
console.log(
  `verify ${name}: ${passed} passed, ${failed} failed, ${skipped} skipped of ${total} checks in ${groupCount} groups, ${promiseCount} promises, ${(durationMs / 1_000).toFixed(1)} s`,
);
process.exitCode = failed === 0 ? 0 : 1;
