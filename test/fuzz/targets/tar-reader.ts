import { ExtractPlan } from "../../../packages/provider-kit/src/shell/extract-plan.js";
import { tarPadding } from "../../../packages/provider-kit/src/shell/tar/tar-entry.js";
import { readTar } from "../../../packages/provider-kit/src/shell/tar/tar-reader.js";
import { tarEnd, tarHeader } from "../../../packages/provider-kit/src/shell/tar/tar-writer.js";
import type { FuzzTarget } from "../engine/fuzz-target.js";
import { piecesOf } from "../oracles/chunks.js";
import { outcomeOfPromise } from "../oracles/refusal.js";
import { requireSame, requireThat } from "../oracles/violation.js";
import { requireInside } from "../oracles/extraction.js";
import { archives, withCheckSums } from "../support/archives.js";

const limits = { maxEntries: 20, maxTotalBytes: 10_000 };
type Read = { readonly admitted: readonly unknown[]; readonly code: string | null; readonly written: Buffer };

async function* streamed(pieces: readonly Buffer[]): AsyncGenerator<Uint8Array, void, undefined> {
  yield* pieces;
}

/** What the shell's way of unpacking would hand to the far side's `tar`. */
async function read(pieces: readonly Buffer[]): Promise<Read> {
  const plan = new ExtractPlan(limits);
  const admitted: unknown[] = [];
  const written: Buffer[] = [];
  const outcome = await outcomeOfPromise(
    ["corrupt", "path_escape", "resource_exhausted"],
    (async () => {
      for await (const { entry, contents } of readTar(streamed(pieces))) {
        const planned = plan.admit(entry);
        if (planned === undefined) continue;
        const held: Buffer[] = [];
        if (planned.sizeBytes > 0) for await (const piece of contents()) held.push(piece);
        const bytes = Buffer.concat(held);
        requireThat(
          bytes.length === planned.sizeBytes,
          () => `${bytes.length} bytes of an entry of ${planned.sizeBytes}`,
        );
        admitted.push(planned, bytes);
        written.push(tarHeader(planned), bytes, Buffer.alloc(tarPadding(bytes.length)));
      }
    })(),
  );
  const { entries, totalBytes } = plan.report();
  requireThat(
    entries <= limits.maxEntries && totalBytes <= limits.maxTotalBytes,
    () => "More was admitted than the limits",
  );
  return {
    admitted,
    code: "error" in outcome ? outcome.error.code : null,
    written: Buffer.concat([...written, tarEnd]),
  };
}

/** Archives that lie: what passes stays inside, however the bytes come, and is read back as what it was. */
export const tarReader: FuzzTarget = {
  name: "tar-reader",
  form: "bytes",
  covers: ["src/shell/tar", "src/shell/extract-plan"],
  seeds: archives,
  dictionary: ["../x", "/etc/passwd", "a/b", "ustar\0", "30 path=../../../../etc/passwd\n"].map((word) =>
    Buffer.from(word),
  ),
  testInputs: 500,
  async run(bytes) {
    // Nearly every change would otherwise end at a wrong check sum.
    const archive = withCheckSums(bytes);
    const whole = await read([archive]);
    requireSame(await read(piecesOf(archive)), whole, "An archive that was cut");
    requireInside(whole.admitted);
    const again = await read([whole.written]);
    requireSame([again.admitted, again.code], [whole.admitted, null], "An archive that was written again");
  },
};
