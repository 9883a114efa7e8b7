import { Handshake } from "../../../packages/provider-kit/src/helper/handshake.js";
import type { FuzzTarget } from "../engine/fuzz-target.js";
import { piecesOf } from "../oracles/chunks.js";
import { outcomeOf, requireShowable } from "../oracles/refusal.js";
import { requireSame } from "../oracles/violation.js";

const nonce = "0123456789abcdef0123456789abcdef";
const line = Buffer.from(`MOORING/1 ${nonce}\n`);

/** What follows the line, or why there is none; and the note for a message meanwhile. */
function shake(pieces: readonly Buffer[]) {
  const handshake = new Handshake(nonce);
  const outcome = outcomeOf(["corrupt"], () => {
    for (const [index, piece] of pieces.entries()) {
      const rest = handshake.push(piece);
      if (rest !== undefined) return Buffer.concat([rest, ...pieces.slice(index + 1)]).toString("latin1");
    }
    requireShowable(handshake.noiseNote());
    return undefined;
  });
  return "value" in outcome ? { rest: outcome.value } : { code: outcome.error.code };
}

export const handshake: FuzzTarget = {
  name: "handshake",
  form: "bytes",
  covers: ["src/helper/handshake"],
  seeds: [
    line,
    Buffer.concat([
      Buffer.from("Welcome to the place\n\u001b[1mnews\u001b[0m\r\n"),
      line,
      Buffer.from("\x00\x00\x00\x05\x87\x00\x00\x00\x00"),
    ]),
    Buffer.from(`MOORING/2 ${nonce}\n`),
    Buffer.from("MOORING/1 another\n"),
    Buffer.alloc(70_000, "noise "),
  ],
  dictionary: [line, Buffer.from("MOORING/"), Buffer.from("\n"), Buffer.from(nonce)],
  testInputs: 400,
  run(bytes) {
    requireSame(shake(piecesOf(bytes)), shake([bytes]), "A handshake that was cut");
  },
};
