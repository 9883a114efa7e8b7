import { invalidRequest } from "../errors/expected.js";

/** Linux: one argument or variable, with its final NUL, may take 32 pages. */
const linuxStringBytes = 131_072;
/** A quarter of the usual 8 MiB stack: what a kernel takes for all of them together, each with a pointer. */
const totalBytes = 2_097_152;
const pointerBytes = 8;

/** Refuses what the kernel would refuse, with words that name the limit. The kernel has the last word on the total. */
export function checkArgumentSizes(
  argv: readonly Uint8Array[],
  env: readonly Uint8Array[],
  platform: { readonly os: string },
): void {
  let total = 0;
  for (const [index, argument] of argv.entries()) {
    total += argument.length + 1 + pointerBytes;
    if (platform.os === "linux" && argument.length >= linuxStringBytes) {
      throw tooLong(index === 0 ? "program" : `args[${index - 1}]`, argument.length);
    }
  }
  for (const variable of env) {
    total += variable.length + 1 + pointerBytes;
    if (platform.os === "linux" && variable.length >= linuxStringBytes) {
      throw tooLong(`env.${nameOf(variable)}`, variable.length);
    }
  }
  if (total > totalBytes) {
    throw invalidRequest(
      `Expected arguments and variables of at most ${totalBytes} bytes in all (the kernel's limit), got ${total} bytes`,
      { details: { option: "args" } },
    );
  }
}

function tooLong(option: string, length: number): Error {
  return invalidRequest(
    `Expected \`${option}\` to be at most ${linuxStringBytes - 1} bytes (the kernel's limit for one string), got ${length} bytes`,
    { details: { option } },
  );
}

function nameOf(variable: Uint8Array): string {
  return Buffer.from(variable.subarray(0, Math.min(64, variable.indexOf(0x3d)))).toString("utf8");
}
