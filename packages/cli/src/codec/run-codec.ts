import { text as readAll } from "node:stream/consumers";
import { seedCodecs } from "@mooring/api/seed";
import { usageError } from "../cli-error.js";
import { printJson, printLine } from "../output/write.js";

/** Reads one value and prints its other form as JSON. */
export async function runCodec(direction: "decode" | "encode", type: string, json: string | undefined): Promise<void> {
  const name = type.replaceAll("_", "-");
  const codec = Object.hasOwn(seedCodecs, name) ? seedCodecs[name] : undefined;
  if (codec === undefined) {
    throw usageError(`Expected a type of the seed contract (${Object.keys(seedCodecs).join(", ")}), got \`${type}\``);
  }
  const text = json === undefined || json === "-" ? await readAll(process.stdin) : json;
  await printJson(codec[direction](parse(text, type)));
}

/** Prints the names that `runCodec` knows. */
export async function listTypes(json: boolean): Promise<void> {
  const names = Object.keys(seedCodecs);
  if (json) await printJson(names);
  else await printLine(names.join("\n"));
}

function parse(text: string, type: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw usageError(`Expected a ${type} as JSON: ${(error as Error).message}`, error);
  }
}
