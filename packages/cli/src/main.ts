#!/usr/bin/env node
import { reportFailure } from "./output/report-failure.js";
import { writeAll } from "./output/write.js";
import { createProgram } from "./program.js";

// A reader that went away is found out by whoever writes; without a listener it would end the process with a stack trace.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

try {
  await createProgram().parseAsync();
} catch (error) {
  process.exitCode = await reportFailure(error, process.argv);
}
// Standard input may be open for long. What was written before this goes out first.
for (const stream of [process.stdout, process.stderr]) await writeAll(stream, "").catch(() => {});
process.exit();
