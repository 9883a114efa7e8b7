import { printable, printableLine } from "../../../packages/cli/src/output/printable.js";
import { table } from "../../../packages/cli/src/output/table.js";
import { printable as printableNoise } from "../../../packages/provider-kit/src/helper/handshake.js";
import type { FuzzTarget } from "../engine/fuzz-target.js";
import { requireSame, requireThat } from "../oracles/violation.js";

/** By Unicode's own classes, and so told apart from how it is done: controls, format characters, lone surrogates. */
const steers = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/u;

/** Text from elsewhere that goes to a terminal. */
export const printableText: FuzzTarget = {
  name: "printable",
  form: "json",
  covers: ["packages/cli/src/output"],
  seeds: [
    "plain",
    "\u001b[31mred\u001b[0m\u0007",
    "a\tb\nc\rd",
    "\u202eabc\u2069\u061c",
    "é 😀 \ud800 \u009b1m",
    "\u001b]0;title\u0007",
  ],
  dictionary: ["\u001b", "\u009b", "\u202e", "\u061c", "\u2028", "\u0085", "\ufeff", "\\x1b", "\u200e"],
  testInputs: 3_000,
  run(input) {
    // It takes time in proportion; no more of it than can be told from being slow.
    const text = (typeof input === "string" ? input : JSON.stringify(input)).slice(0, 100_000);
    const shown = printable(text);
    requireThat(
      !steers.test(shown.replaceAll(/[\n\t]/g, "")),
      () => `What steers a terminal: ${JSON.stringify(shown)}`,
    );
    requireSame(printable(shown), shown, "Text that was made printable twice");
    const line = printableLine(text);
    requireThat(!/[\n\t\r]/.test(line) && !steers.test(line), () => `More than a line: ${JSON.stringify(line)}`);
    const rows = table([
      [text, "x"],
      ["y", text],
    ]);
    requireThat(rows.split("\n").length === 2 && !steers.test(rows.replace("\n", "")), () => "A table of more rows");
    requireThat(!steers.test(printableNoise(text).replaceAll(/[\n\t]/g, "")), () => "Noise that steers a terminal");
  },
};
