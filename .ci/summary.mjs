// Prints vitest's own count. Without a report nothing was run, and that is what it says.
import { readFileSync } from "node:fs";
import process from "node:process";

const text = readFileSync(process.argv[2], "utf8");
const report =
  text === "" ? { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0 } : JSON.parse(text);
const skipped = report.numPendingTests + report.numTodoTests;
console.log(`${report.numPassedTests} passed, ${report.numFailedTests} failed, ${skipped} skipped`);
