// The last step of the build: a promise that no check holds, and a check that holds none, fail it.
import process from "node:process";
import { listChecks, specification } from "../dist/index.js";

const held = new Set(listChecks().map(({ promise }) => promise));
const vain = specification.flatMap(({ promises }) => promises).filter(({ id }) => !held.has(id));
for (const { id, text } of vain) console.error(`No check holds ${id}: ${text}`);
process.exitCode = vain.length === 0 ? 0 : 1;
