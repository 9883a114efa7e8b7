import { randomBytes } from "node:crypto";
import { escapes } from "../flooding.js";
import { encodeFrame, frameType, readFields, readItems, writeFields, writeItems } from "../frames.js";
import type { FramePersona, HelperFrame } from "../persona.js";

type Liar = ReturnType<FramePersona["liar"]>;

function frames(name: string, liar: () => Liar): FramePersona {
  return { kind: "frames", name, liar };
}

/** Leaves all but frames of one type as they are. */
function lyingAbout(name: string, type: number, lie: (frame: HelperFrame) => Iterable<Buffer>): FramePersona {
  return frames(name, () => (frame) => (frame.type === type ? lie(frame) : [frame.whole]));
}

/** Replaces fields of records, wherever they are found: in results, events, errors, and in the items of streams. */
function withFields(name: string, replaced: Readonly<Record<string, string>>): FramePersona {
  function record(bytes: Buffer): Buffer {
    return writeFields(readFields(bytes).map(([key, value]) => [key, replaced[key] ?? value]));
  }
  return frames(name, () => {
    // The session itself must come about, or nothing else would be asked.
    let isOpened = false;
    return ({ type, id, payload, whole }) => {
      if (!isOpened) {
        isOpened = type === frameType.result;
        return [whole];
      }
      try {
        if (type === frameType.result || type === frameType.error || type === frameType.event) {
          return [encodeFrame(type, id, record(payload))];
        }
        if (type === frameType.data) {
          const items = readItems(payload.subarray(1)).map(record);
          return [encodeFrame(type, id, Buffer.concat([payload.subarray(0, 1), writeItems(items)]))];
        }
      } catch {
        // A stream of bytes, not of records.
      }
      return [whole];
    };
  });
}

/** Without end, but for what the connection takes. */
function* again(bytes: Buffer): Generator<Buffer> {
  for (;;) yield bytes;
}

function openedAs(name: string, replaced: Readonly<Record<string, string>>): FramePersona {
  return frames(name, () => {
    let isOpened = false;
    return ({ type, id, payload, whole }) => {
      if (isOpened || type !== frameType.result) return [whole];
      isOpened = true;
      const fields = readFields(payload).map(([key, value]): [string, Buffer | string] => [
        key,
        replaced[key] ?? value,
      ]);
      return [encodeFrame(type, id, writeFields(fields))];
    };
  });
}

const { result, error, event, data, end, credit, pong } = frameType;

/** Those between the client and a real helper. */
export const framePersonas: readonly FramePersona[] = [
  lyingAbout("answers-to-the-wrong-request", result, ({ type, id, payload }) => [encodeFrame(type, id + 1, payload)]),
  lyingAbout("answers-twice", result, ({ whole }) => [whole, whole]),
  lyingAbout("answers-that-are-empty", result, ({ type, id }) => [encodeFrame(type, id, Buffer.alloc(0))]),
  lyingAbout("answers-that-are-cut-off", result, ({ type, id, payload }) => [
    encodeFrame(type, id, payload.subarray(0, Math.floor(payload.byteLength / 2))),
  ]),
  lyingAbout("answers-that-are-random", result, ({ type, id, payload }) => [
    encodeFrame(type, id, randomBytes(payload.byteLength)),
  ]),
  lyingAbout("never-answers", result, () => []),
  lyingAbout("no-sign-of-life-from-the-helper", pong, () => []),
  lyingAbout("signs-of-life-without-end", pong, ({ whole }) => again(whole)),
  lyingAbout("data-that-is-short", data, ({ type, id, payload }) => [
    encodeFrame(type, id, payload.subarray(0, Math.max(1, payload.byteLength >> 1))),
  ]),
  lyingAbout("data-that-is-long", data, ({ whole }) => [whole, whole, whole]),
  lyingAbout("data-without-end", data, ({ whole }) => again(whole)),
  lyingAbout("data-on-channels-that-are-not-there", data, ({ type, id, payload }) => [
    encodeFrame(type, id, Buffer.concat([Buffer.of(77), payload])),
  ]),
  lyingAbout("data-that-is-nothing", data, ({ type, id }) => again(encodeFrame(type, id, Buffer.of(1)))),
  lyingAbout("ends-before-the-data", data, ({ type, id, payload, whole }) => [
    encodeFrame(end, id, payload.subarray(0, 1)),
    whole,
    encodeFrame(type, id, payload),
  ]),
  lyingAbout("never-ends", end, () => []),
  lyingAbout("events-without-end", event, ({ whole }) => again(whole)),
  lyingAbout("events-that-nobody-knows", event, ({ id, whole }) => [
    encodeFrame(event, id, writeFields([["event", escapes.repeat(1_000)]])),
    whole,
  ]),
  lyingAbout("credit-that-overflows", result, ({ id, whole }) => [
    ...Array.from({ length: 100 }, () => encodeFrame(credit, id, Buffer.from("00ffffffff", "hex"))),
    whole,
  ]),
  lyingAbout("errors-with-escape-sequences", result, ({ id }) => [
    encodeFrame(
      error,
      id,
      writeFields([
        ["message", escapes.repeat(50)],
        ["errno", "ENOENT"],
        ["path", escapes],
      ]),
    ),
  ]),
  lyingAbout("errors-of-3-megabytes", result, ({ id }) => [
    encodeFrame(
      error,
      id,
      writeFields([
        ["message", "x".repeat(3_000_000)],
        ["code", "no-such-code"],
      ]),
    ),
  ]),
  withFields("promises-a-terabyte", { size: "1099511627776", stdoutBytes: "1099511627776", truncated: "1" }),
  withFields("numbers-that-are-none", {
    size: "NaN",
    mtimeMs: "1e999",
    mode: "-1",
    uid: "0x10",
    value: "12.5",
    pid: "all",
  }),
  withFields("names-that-lead-out", { path: `../../../${escapes}/../../etc/passwd`, target: "/etc/passwd" }),
  withFields("exits-that-cannot-be", { exit: "code", value: "99999999999999999999", reason: escapes }),
  openedAs("a-workspace-that-is-elsewhere", { workspace: `../..${escapes}`, os: escapes, arch: escapes }),
  openedAs("claims-that-cannot-be", {
    confinement: "total",
    landlockAbi: "-7",
    fileConfinement: "magic",
    uid: "nobody",
  }),
  frames("garbage-after-the-opening", () => {
    let isOpened = false;
    return ({ type, whole }) => {
      const bytes = isOpened ? again(randomBytes(30_000)) : [whole];
      isOpened ||= type === result;
      return bytes;
    };
  }),
  frames("frames-that-are-too-long", () => {
    let isOpened = false;
    return ({ type, id, whole }) => {
      const bytes = isOpened ? [encodeFrame(data, id, Buffer.alloc(4_194_300, 1))] : [whole];
      isOpened ||= type === result;
      return bytes;
    };
  }),
];
