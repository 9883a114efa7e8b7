import { FrontedStream, recordsEndingWith } from "../../../packages/provider-kit/src/shell/file-parse.js";
import { GrepLines } from "../../../packages/provider-kit/src/shell/grep-lines.js";
import { MarkedStream } from "../../../packages/provider-kit/src/shell/marked-stream.js";
import { fileInfo, readStatRecord } from "../../../packages/provider-kit/src/shell/shell-file-info.js";
import type { FuzzTarget } from "../engine/fuzz-target.js";
import { piecesOf } from "../oracles/chunks.js";
import { outcomeOf, outcomeOfPromise } from "../oracles/refusal.js";
import { requireSame, requireThat } from "../oracles/violation.js";

const nonce = "n0nce";
const mark = ` ${nonce}\n`;

async function* streamed(pieces: readonly Buffer[]): AsyncGenerator<Buffer, void, undefined> {
  yield* pieces;
}

async function recordsIn(pieces: readonly Buffer[]): Promise<unknown> {
  const records: unknown[] = [];
  const outcome = await outcomeOfPromise(
    ["corrupt"],
    (async () => {
      for await (const text of recordsEndingWith(streamed(pieces), mark)) {
        const record = readStatRecord(text, nonce);
        records.push(text, record === undefined ? null : fileInfo(record, `/srv/${record.name}`));
        if (record !== undefined) requireNumbers(fileInfo(record, "/x"));
      }
    })(),
  );
  return { records, code: "error" in outcome ? outcome.error.code : null };
}

/** A number that is none would become `null` in JSON. */
function requireNumbers({ sizeBytes, modifiedAtMs, mode, uid, gid }: ReturnType<typeof fileInfo>): void {
  for (const number of [sizeBytes, modifiedAtMs, mode, uid, gid]) {
    requireThat(
      Number.isFinite(number),
      () => `A file whose numbers are ${sizeBytes}, ${modifiedAtMs}, ${mode}, ${uid}, ${gid}`,
    );
  }
}

async function frontOf(pieces: readonly Buffer[]): Promise<unknown> {
  const stream = new FrontedStream(streamed(pieces));
  const outcome = await outcomeOfPromise(
    ["corrupt"],
    (async () => {
      const front = await stream.record(mark);
      const rest: Buffer[] = [];
      for (let piece = await stream.next(); piece !== undefined; piece = await stream.next()) rest.push(piece);
      return { front, rest: Buffer.concat(rest).toString("latin1") };
    })(),
  );
  return "value" in outcome ? outcome.value : outcome.error.code;
}

function markedIn(pieces: readonly Buffer[]): unknown {
  const found: string[] = [];
  const delivered: Buffer[] = [];
  const stream = new MarkedStream(
    nonce,
    (rest) => found.push(rest),
    (bytes) => delivered.push(bytes),
  );
  for (const piece of pieces) stream.receive(piece);
  return { found, delivered: Buffer.concat(delivered).toString("latin1"), noise: stream.noise.slice(-1_000) };
}

function linesIn(pieces: readonly Buffer[]): unknown {
  const lines = new GrepLines(nonce, 20);
  const found: unknown[] = [];
  const outcome = outcomeOf(["corrupt"], () => {
    for (const piece of pieces) {
      for (const line of lines.receive(piece)) {
        requireThat(
          line.bytes.length <= 20 && Number.isSafeInteger(line.line),
          () => "A line longer than was asked for",
        );
        found.push(line);
      }
    }
  });
  return { found, isFile: lines.isFile, code: "error" in outcome ? outcome.error.code : null };
}

const stat = "81a4|0|0|1700000000 2023-11-14 22:13:20.123456789 +0000|8:1:12:2023:2023|";

/** What the shell's scripts answer, cut anywhere, and made up by a shell that lies. */
export const shellParsers: FuzzTarget = {
  name: "shell-parsers",
  form: "bytes",
  covers: ["src/shell/file-parse", "src/shell/shell-file-info", "src/shell/marked-stream", "src/shell/grep-lines"],
  seeds: [
    Buffer.from(
      `${stat}./a b ${nonce}|'./a b' ${nonce}\n${stat.replace("81a4", "a1ff")}./l ${nonce}|./l -> to ${nonce}\n`,
    ),
    Buffer.from(`greeting\nstarted ${nonce} 12 34\noutput\n`),
    Buffer.from(`tree\n./a:1:found\n${nonce} name ./odd:\nname ${nonce}\n12:text\n${nonce} end\n./b:2:x\n`),
    Buffer.from(`file\n3:only line that is longer than twenty bytes\n`),
    Buffer.from(`12${mark}contents of a file`),
  ],
  dictionary: [
    Buffer.from(nonce),
    Buffer.from(mark),
    Buffer.from(stat),
    Buffer.from(`${nonce} name ./`),
    Buffer.from(`${nonce} end\n`),
  ],
  testInputs: 500,
  async run(bytes) {
    const pieces = piecesOf(bytes);
    requireSame(await recordsIn(pieces), await recordsIn([bytes]), "Records that were cut");
    requireSame(await frontOf(pieces), await frontOf([bytes]), "A record before a stream that was cut");
    requireSame(linesIn(pieces), linesIn([bytes]), "Lines that were cut");
    if (bytes.length < 60_000) requireSame(markedIn(pieces), markedIn([bytes]), "A stream with a mark that was cut");
  },
};
