import { PassThrough } from "node:stream";
import { runnerErrorCodes } from "@mooring/api";
import { Connection } from "../../../packages/provider-kit/src/helper/connection.js";
import { residentHelperCapabilities } from "../../../packages/provider-kit/src/helper/helper-capabilities.js";
import { HelperCommands } from "../../../packages/provider-kit/src/helper/helper-commands.js";
import { HelperFiles } from "../../../packages/provider-kit/src/helper/helper-files.js";
import { PortConnection } from "../../../packages/provider-kit/src/helper/port-connection.js";
import { textLine } from "../../../packages/provider-kit/src/helper/text-frames.js";
import type { FuzzTarget, Json } from "../engine/fuzz-target.js";
import { piecesOf } from "../oracles/chunks.js";
import { requireNoPollution } from "../oracles/pollution.js";
import { requireRefusal } from "../oracles/refusal.js";
import { requireSame, Violation } from "../oracles/violation.js";
import { answers } from "../support/answers.js";
import { framesOf } from "../support/frame-script.js";

/** No call may wait longer for a helper that is gone. It waits for nothing real: only a hang takes so long. */
const settleMs = 3_000;

/** A process that is none: what a test says is what it wrote. */
function fakeProcess() {
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  stdin.resume();
  let exit: (value: { code: number; signal: null }) => void = () => undefined;
  const exited = new Promise<{ code: number; signal: null }>((resolve) => (exit = resolve));
  const process = { stdin, stdout, stderr: new PassThrough(), exited, kill: () => exit({ code: 0, signal: null }) };
  return { process, exit: () => exit({ code: 0, signal: null }) };
}

async function collected<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** The bytes of it, whatever pieces they come in. */
async function bytesIn(stream: ReadableStream<Uint8Array>): Promise<string> {
  return Buffer.concat(await collected(stream)).toString("latin1");
}

async function portBytes(connection: Connection): Promise<string> {
  const port = new PortConnection(connection, 80, undefined);
  await port.connected;
  return bytesIn(port.readable);
}

/** One call of each kind, in the order of their request numbers. */
function callsOver(connection: Connection): Promise<unknown>[] {
  const files = new HelperFiles(connection);
  const commands = new HelperCommands(connection, {
    capabilities: residentHelperCapabilities,
    platform: { os: "linux" },
    host: undefined,
  });
  const started = commands.start({ commandId: "c1", program: "true" });
  const attached = commands.attach("c2");
  return [
    started.then(async (command) => {
      const { exit, reason, stdout, stderr } = await command.result();
      return { exit, reason, stdout: stdout.text(), stderr: stderr.text(), pid: command.pid };
    }),
    attached.then(async (command) => (await command.result()).exit),
    files.read("a"),
    files.stat("a"),
    files.write("a", "contents"),
    files.readStream("a").then(bytesIn),
    collected(files.list(".")),
    collected(files.grep("x")),
    files.watch(".").then(collected),
    files.archive(".").then(bytesIn),
    files.extract(".", new ReadableStream({ start: (controller) => controller.close() }), {
      maxEntries: 1,
      maxTotalBytes: 1,
    }),
    commands.list(),
    commands.cancel("c3"),
    portBytes(connection),
  ];
}

/** What became of each call when the helper said this and ended. */
async function converse(pieces: readonly Buffer[], kind: "bytes" | "text"): Promise<unknown[]> {
  const { process, exit } = fakeProcess();
  const connection = new Connection({ process, kind, leaseMs: 60_000, complaint: () => "" });
  process.stdout.on("data", (chunk: Buffer) => connection.receive(chunk));
  const calls = callsOver(connection).map((call) => call.then(toValue, toRefusal));
  for (const piece of pieces) process.stdout.write(piece);
  process.stdout.end();
  // What was written last is read before the end of the process is told.
  await Promise.race([new Promise((resolve) => process.stdout.once("close", resolve)), connection.lost]);
  exit();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Violation("A call did not settle when the helper was gone")), settleMs);
  });
  try {
    return await Promise.race([Promise.all(calls), late]);
  } finally {
    clearTimeout(timer);
    connection.giveUp("the input is over");
  }
}

function toValue(value: unknown): unknown {
  return { value };
}

/** Messages tell how the connection ended, which may differ by how its bytes were cut; codes do not. */
function toRefusal(error: unknown): unknown {
  const { code } = requireRefusal(error, runnerErrorCodes);
  for (let cause = (error as Error).cause; cause !== undefined; cause = (cause as Error).cause) {
    requireRefusal(cause, runnerErrorCodes);
  }
  return { code };
}

/** A helper that answers as it likes: every call settles, with the same whatever pieces its answers come in. */
export const conversation: FuzzTarget = {
  name: "conversation",
  form: "json",
  covers: ["provider-kit/src/helper", "provider-kit/src/commands", "provider-kit/src/text"],
  seeds: [answers, [...answers].toReversed(), answers.filter((_frame, index) => index % 3 === 0)],
  dictionary: [
    0x81,
    0x82,
    0x83,
    0x84,
    0x85,
    0x86,
    0x87,
    1,
    2,
    7,
    "event",
    "survivors",
    "exit",
    "durationUs",
    "!cut",
    "!raw",
  ],
  limitMs: 250,
  testInputs: 300,
  async run(input) {
    const frames = framesOf(input);
    const bytes = Buffer.concat(frames);
    const whole = await converse([bytes], "bytes");
    requireSame(await converse(piecesOf(bytes), "bytes"), whole, "Calls whose answers were cut");
    // A frame that is none cannot be told from its line, so only what is whole can be compared.
    if (frames.every((frame) => frame.length >= 9 && frame.readUInt32BE(0) === frame.length - 4)) {
      requireSame(await converse(frames.map(textLine), "text"), whole, "Calls whose answers came as text");
    }
    requireNoPollution();
    return whole.map((outcome, index) => `${index}:${JSON.stringify((outcome as { code?: Json }).code ?? "value")}`);
  },
};
