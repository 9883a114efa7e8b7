import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { outputReaders, type OutputFigures } from "./cases/output.js";
import { installContenders } from "./install-contenders.js";
import type { Summary } from "./statistics.js";

type Figures = Record<string, Record<string, Summary>>;

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "300" },
    json: { type: "boolean", default: false },
  },
});
const newerNode = installContenders();

const commands = await lane<Figures>(process.execPath, ["commands", "main", values.rounds]);
const newer = await lane<Figures>(newerNode, ["commands", "newer", values.rounds]);
const files = await lane<Figures>(process.execPath, ["files", "main", "500"]);
const output: Record<string, OutputFigures> = {};
for (const reader of outputReaders) {
  output[reader] = await lane<OutputFigures>(process.execPath, ["output", reader]);
}

if (values.json) print(JSON.stringify({ commands, newer, files, output }, null, 2));
else {
  print(`Node ${process.version}; medians of ${values.rounds} interleaved rounds; ratio = Mooring / other\n`);
  printCases(commands);
  print("Under the newer Node that one contender wants:\n");
  printCases(newer);
  printCases(files);
  printOutput();
}

/** Measures in a process of its own, under the given Node. */
function lane<Result>(nodePath: string, args: readonly string[]): Promise<Result> {
  const script = fileURLToPath(new URL("lane.ts", import.meta.url));
  return new Promise((resolve, reject) => {
    const child = spawn(nodePath, ["--import", "tsx", script, ...args], {
      cwd: fileURLToPath(new URL("..", import.meta.url)),
      stdio: ["ignore", "pipe", "inherit"],
    });
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve(JSON.parse(text) as Result);
      else reject(new Error(`The measurement \`${args.join(" ")}\` exited with ${code}`));
    });
  });
}

function printCases(figures: Figures): void {
  for (const [title, byName] of Object.entries(figures)) {
    print(title);
    const ours = byName["mooring"];
    for (const [name, summary] of Object.entries(byName)) {
      const ratio = ours === undefined ? "" : (ours.medianMs / summary.medianMs).toFixed(2);
      print(
        `  ${name.padEnd(20)} median ${summary.medianMs.toFixed(3).padStart(9)} ms   95 % ${summary.p95Ms.toFixed(3).padStart(9)} ms   ratio ${ratio}`,
      );
    }
    print("");
  }
}

function printOutput(): void {
  const bare = output["node pipe"]?.megabytesPerSecond ?? Number.NaN;
  print("1 GiB of output");
  for (const [name, figures] of Object.entries(output)) {
    print(
      `  ${name.padEnd(20)} ${figures.megabytesPerSecond.toFixed(0).padStart(6)} MB/s   peak ${figures.peakMegabytes.toFixed(0).padStart(5)} MB   of the bare pipe ${(figures.megabytesPerSecond / bare).toFixed(2)}`,
    );
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
