import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { commandCases } from "./cases/commands.js";
import { fileCases } from "./cases/files.js";
import { outputReaders, readGibibyte } from "./cases/output.js";
import type { OpenContender } from "./contender.js";
import { execa, mastraLocal, mooring, node, openAiUnixLocal } from "./contenders.js";

const lanes: Record<string, readonly OpenContender[]> = {
  main: [mooring("none"), mooring("workspace-write"), node, execa, openAiUnixLocal],
  newer: [mooring("none"), node, mastraLocal],
};

const [what, which, rounds] = process.argv.slice(2);
const workspace = await mkdtemp(join(tmpdir(), "mooring-bench-"));
try {
  process.stdout.write(JSON.stringify(await measure()));
} finally {
  await rm(workspace, { recursive: true, force: true });
}

async function measure(): Promise<unknown> {
  if (what === "output") {
    const reader = outputReaders.find((name) => name === which);
    if (reader === undefined) throw new Error(`Expected one of ${outputReaders.join(", ")}`);
    return readGibibyte(reader, workspace);
  }
  const openers = lanes[which ?? ""];
  if (openers === undefined) throw new Error(`Expected a lane, one of ${Object.keys(lanes).join(", ")}`);
  const contenders = [];
  for (const open of openers) contenders.push(await open(workspace));
  try {
    return what === "commands"
      ? await commandCases(contenders, Number(rounds))
      : await fileCases(contenders, workspace, Number(rounds));
  } finally {
    for (const contender of contenders) await contender.close();
  }
}
