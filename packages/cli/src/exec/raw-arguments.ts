import { readFileSync } from "node:fs";
import type { Text } from "@mooring/api";

const replacement = "\ufffd";

/**
 * Arguments as they were given. Node decodes `process.argv` as UTF-8, so that other bytes are lost in it; where that may
 * have happened they are read again from the kernel, which only Linux offers. `texts` are the last ones of the command line.
 */
export function rawArguments(texts: readonly string[]): Text[] {
  if (!texts.some((text) => text.includes(replacement))) return [...texts];
  const given = kernelArguments();
  if (given === undefined || given.length < texts.length) return [...texts];
  const last = given.slice(given.length - texts.length);
  return texts.map((text, index) => {
    const bytes = last[index];
    return bytes !== undefined && text.includes(replacement) && bytes.toString() === text ? bytes : text;
  });
}

function kernelArguments(): Buffer[] | undefined {
  let whole: Buffer;
  try {
    whole = readFileSync("/proc/self/cmdline");
  } catch {
    return undefined;
  }
  const found: Buffer[] = [];
  for (let start = 0; start < whole.length;) {
    const end = whole.indexOf(0, start);
    found.push(whole.subarray(start, end === -1 ? whole.length : end));
    start = end === -1 ? whole.length : end + 1;
  }
  return found;
}
