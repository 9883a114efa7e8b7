import { runnerErrorCodes } from "@mooring/api";
import { errnoTable } from "../../../packages/provider-kit/src/errors/errno-table.js";
import { readRecord } from "../../../packages/provider-kit/src/helper/record-reader.js";
import type { FuzzTarget, Json } from "../engine/fuzz-target.js";
import { requireThat } from "../oracles/violation.js";
import { framesOf } from "../support/frame-script.js";
import { frame } from "../../../packages/provider-kit/test/support/helper-records.js";
import { featureOf, type HelperFrame, HelperProcess } from "../support/helper-process.js";
import { requests } from "../support/requests.js";

/** The numbers that inputs may use for their requests; each input has its own range of them. */
const idsPerInput = 256;
/** A helper that has not answered by then may wait for the rest of a frame: the end of its input tells. */
const patienceMs = 2_000;

let helper: HelperProcess | undefined;
let inputs = 0;

async function closeHelper(): Promise<void> {
  const closing = helper;
  helper = undefined;
  await closing?.[Symbol.asyncDispose]();
}

/** The client's frames, with numbers that no input before used. */
/** Numbers from `base` on, in the order in which an input names them: those of requests must ascend. */
function renumbered(frames: readonly Buffer[], base: number): readonly Buffer[] {
  const numbers = new Map<number, number>();
  for (const bytes of frames) {
    if (bytes.length < 9) continue;
    const id = bytes.readUInt32BE(5) % idsPerInput;
    if (!numbers.has(id)) numbers.set(id, base + numbers.size);
    bytes.writeUInt32BE(numbers.get(id) ?? base, 5);
  }
  return frames;
}

function isRequest(bytes: Buffer): boolean {
  return bytes.length >= 9 && bytes[4] === 0x01;
}

/** What a far side refuses is told by a code or a system's name that our table knows; anything else is a fault of its own. */
function requireKnownError({ payload }: HelperFrame): void {
  const record = readRecord(payload);
  const [code, errno] = [record.get("code")?.toString(), record.get("errno")?.toString()];
  const isKnown =
    code === undefined ? errno !== undefined && errno in errnoTable : runnerErrorCodes.some((known) => known === code);
  const message = record.get("message")?.toString() ?? "";
  requireThat(isKnown && code !== "internal", () => `The helper failed with ${code ?? errno}: ${message}`);
  requireThat(message.length <= 5_000, () => `The helper sent a message of ${message.length} characters`);
}

/** The real helper, told whatever frames there may be: it answers, or ends and says why; it never hangs nor leaves a process. */
export const perlHelper: FuzzTarget = {
  name: "perl-helper",
  form: "json",
  covers: [],
  seeds: requests.map((step) => [step] as Json).concat([requests]),
  dictionary: [
    "op",
    ".",
    "a",
    "..",
    "/",
    1,
    2,
    0x01,
    0x02,
    0x03,
    0x04,
    0x05,
    "999999999999999",
    "credit",
    "path",
    "limit",
  ],
  limitMs: 500,
  testInputs: 120,
  async open() {
    return { [Symbol.asyncDispose]: closeHelper };
  },
  async run(input) {
    helper ??= await HelperProcess.open();
    const current = helper;
    const base = (++inputs * idsPerInput) % 0xff00_0000;
    current.frames = [];
    const sent = renumbered(framesOf(input), base);
    for (const bytes of sent) current.send(bytes);
    // What is still under way is of no more interest.
    const requested = new Set(sent.filter(isRequest).map((bytes) => bytes.readUInt32BE(5)));
    for (const id of requested) current.send(frame(0x05, id));
    const isInStep = await current.answers(base, patienceMs);
    await current.requireBounded();
    const { frames } = current;
    for (const one of frames.filter(({ type }) => type === 0x82)) requireKnownError(one);
    if (!isInStep || current.exitCode !== undefined) {
      await current.end();
      const { exitCode, complaint } = current;
      const isTold = exitCode === 0 || complaint.includes("mooring-helper: ");
      requireThat(isTold && exitCode !== null, () => `The helper ended with ${exitCode} and said: ${complaint}`);
      requireThat(!/ at mooring-helper line \d+/.test(complaint), () => `The helper died: ${complaint}`);
      await closeHelper();
    }
    return frames.map(featureOf);
  },
};
