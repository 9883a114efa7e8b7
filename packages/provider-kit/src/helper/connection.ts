import { RunnerError } from "@mooring/api";
import type { TransportProcess } from "../transport.js";
import { FrameDecoder } from "./frame-decoder.js";
import { clientFrame, helperFrame, minFrameLength } from "./frame-types.js";
import { corrupt, type HelperRecord, readFrameRecord, readNumber } from "./record-reader.js";
import { creditFrame, dataFrameHead, plainFrame, RequestWriter } from "./record-writer.js";
import type { RequestHandler } from "./request-handler.js";
import { TextLineDecoder, textLine } from "./text-frames.js";

const highestId = 0xffff_ffff;
/** The lease in ping intervals. The first of them is the one in which the helper was last heard: it may have been at its beginning. */
const leaseIntervals = 4;
/** Fewer bytes than this in an interval are no sign of life by themselves: they may be answers that a wrong length swallowed. */
const fewBytes = 1_024;
/** How long a helper that is given up has to clean up after itself, once its input has ended. */
const cleanUpMs = 2_000;
/** How long output may still come from a helper that has ended. */
const afterExitMs = 500;

/** A request that is under way. */
interface UnderWay {
  readonly handler: RequestHandler;
  /** Of DATA, on all channels. */
  bytes: number;
}

export interface ConnectionOptions {
  readonly process: TransportProcess;
  readonly kind: "bytes" | "text";
  readonly leaseMs: number;
  /** The end of what the process wrote to standard error, for messages. */
  readonly complaint: () => string;
}

/**
 * Many requests at once over one process's standard input and output. Frames of one turn of the event loop leave in one write.
 * When the helper is lost, in whatever way, every request hears of it.
 */
export class Connection {
  /** How long the helper may say nothing before it counts as lost. */
  readonly leaseMs: number;
  readonly #process: TransportProcess;
  readonly #isText: boolean;
  readonly #complaint: () => string;
  readonly #decoder: FrameDecoder;
  readonly #lines: TextLineDecoder | undefined;
  readonly #writer = new RequestWriter();
  readonly #underWay = new Map<number, UnderWay>();
  readonly #pingTimer: NodeJS.Timeout;
  #nextId = 1;
  #corked = false;
  /** Since the last ping: whether it was answered, and what came. */
  #isAnswered = true;
  #bytes = 0;
  #silent = 0;
  #lost: RunnerError | undefined;
  /** What requests are told once the session is meant to be over. */
  #endReason: RunnerError | undefined;
  #resolveLost: (error: RunnerError) => void = () => undefined;
  /** Resolves when the helper was lost without having been asked to end. */
  readonly lost: Promise<RunnerError>;

  constructor(options: ConnectionOptions) {
    this.leaseMs = options.leaseMs;
    this.#process = options.process;
    this.#isText = options.kind === "text";
    this.#complaint = options.complaint;
    this.lost = new Promise((resolve) => {
      this.#resolveLost = resolve;
    });
    this.#decoder = new FrameDecoder({
      data: (id, channel, bytes) => {
        const underWay = this.#requestOf(helperFrame.data, id);
        underWay.bytes += bytes.length;
        underWay.handler.onData?.(channel, bytes);
      },
      frame: (type, id, payload) => this.#receive(type, id, payload),
    });
    this.#lines = this.#isText ? new TextLineDecoder((frame) => this.#decoder.push(frame)) : undefined;
    this.#pingTimer = setInterval(() => this.#ping(), Math.max(1, Math.floor(options.leaseMs / leaseIntervals)));
    this.#pingTimer.unref();
    const { stdin, stdout, exited } = options.process;
    stdin.on("error", (cause) => this.#fail(lostError("its input was closed", cause)));
    stdout.on("error", (cause) => this.#fail(lostError("its output failed", cause)));
    stdout.on("close", () => this.#fail(lostError(`its output ended${this.#complaint()}`)));
    void exited.then(({ code, signal }) => {
      const ended = () => this.#fail(lostError(`it ended (${signal ?? code ?? "unknown"})${this.#complaint()}`));
      // What it wrote last is read first; a process that holds its output open must not keep us waiting for more.
      if (stdout.readableEnded || stdout.destroyed) ended();
      else setTimeout(ended, afterExitMs).unref();
    });
  }

  /** Bytes from the helper, as they came, after the handshake. */
  receive(chunk: Buffer): void {
    if (this.#lost !== undefined) return;
    this.#bytes += chunk.length;
    try {
      if (this.#lines === undefined) this.#decoder.push(chunk);
      else this.#lines.push(chunk);
    } catch (error) {
      this.#fail(
        RunnerError.is(error) ? error : new RunnerError("internal", "A frame could not be handled", { cause: error }),
      );
    }
  }

  /** The error that ended the connection, if it is over. */
  get failure(): RunnerError | undefined {
    return this.#lost;
  }

  /** Sends a request at once; the handler hears of its end even when the connection is gone already. Returns its id. */
  request(operation: string, build: (writer: RequestWriter) => void, handler: RequestHandler): number {
    const id = this.#nextId;
    if (this.#lost !== undefined || id > highestId) {
      const error = this.#lost ?? lostError("its request numbers are used up");
      queueMicrotask(() => handler.onLost(error));
      return id;
    }
    const writer = this.#writer.begin(id, operation);
    build(writer);
    const frame = writer.finish();
    this.#nextId++;
    this.#underWay.set(id, { handler, bytes: 0 });
    this.#write(frame);
    return id;
  }

  /** Bytes on the input channel, within its credit. The caller does not change them until they have left. */
  sendData(id: number, channel: number, bytes: Uint8Array): void {
    if (!this.#underWay.has(id)) return;
    const head = dataFrameHead(id, channel, bytes.length);
    if (this.#isText) this.#write(Buffer.concat([head, bytes]));
    else {
      this.#write(head);
      this.#write(bytes);
    }
  }

  sendEnd(id: number, channel: number): void {
    if (this.#underWay.has(id)) this.#write(plainFrame(clientFrame.end, id, Uint8Array.of(channel)));
  }

  sendCredit(id: number, channel: number, bytes: number): void {
    if (this.#underWay.has(id)) this.#write(creditFrame(id, channel, bytes));
  }

  /** Tells the helper that nobody wants the answer any more; the request still ends. */
  abandon(id: number): void {
    if (this.#underWay.has(id)) this.#write(plainFrame(clientFrame.abandon, id));
  }

  /** From now on the end of the helper is no loss; requests that are under way then are told the reason. */
  expectEnd(reason: RunnerError): void {
    this.#endReason = reason;
  }

  /** Counts the helper as lost for a reason of ours. */
  giveUp(how: string): void {
    this.#fail(lostError(how));
  }

  /** Closes both ends. Requests still under way hear that it is over. */
  close(reason: RunnerError): void {
    this.#endReason = reason;
    this.#fail(reason);
  }

  #write(bytes: Uint8Array): void {
    const { stdin } = this.#process;
    if (!this.#corked) {
      this.#corked = true;
      stdin.cork();
      process.nextTick(() => {
        this.#corked = false;
        stdin.uncork();
      });
    }
    stdin.write(this.#isText ? textLine(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)) : bytes);
  }

  #receive(type: number, id: number, payload: Buffer): void {
    if (type === helperFrame.pong) {
      this.#isAnswered = true;
      return;
    }
    const underWay = this.#requestOf(type, id);
    const { handler } = underWay;
    switch (type) {
      case helperFrame.result: {
        const record = readFrameRecord(payload);
        requireAllBytes(record, underWay);
        return this.#conclude(id, underWay, () => handler.onResult(record));
      }
      case helperFrame.error: {
        const record = readFrameRecord(payload);
        return this.#conclude(id, underWay, () => handler.onError(record));
      }
      case helperFrame.event:
        return handler.onEvent?.(readFrameRecord(payload));
      case helperFrame.end:
        if (payload.length !== 1) throw corrupt(`an END frame of ${minFrameLength + payload.length} bytes`);
        return handler.onEnd?.(payload[0] ?? 0);
      case helperFrame.credit:
        if (payload.length !== 5) throw corrupt(`a CREDIT frame of ${minFrameLength + payload.length} bytes`);
        return handler.onCredit?.(payload[0] ?? 0, payload.readUInt32BE(1));
      default:
        throw corrupt(`a frame of the unknown type ${type}`);
    }
  }

  /** The helper says nothing of a request after its answer: a frame of no request that is under way belongs elsewhere. */
  #requestOf(type: number, id: number): UnderWay {
    const underWay = this.#underWay.get(id);
    if (underWay === undefined) throw corrupt(`a frame of no request that is under way (type ${type}, id ${id})`);
    return underWay;
  }

  /** An answer that its handler cannot make sense of ends the connection, and the handler hears of that like all others. */
  #conclude(id: number, underWay: UnderWay, tell: () => void): void {
    this.#underWay.delete(id);
    try {
      tell();
    } catch (error) {
      this.#underWay.set(id, underWay);
      throw error;
    }
  }

  #ping(): void {
    // Intervals are counted, not time: a busy event loop of ours must not look like a silent helper.
    this.#silent = this.#isAnswered || this.#bytes >= fewBytes ? 0 : this.#silent + 1;
    this.#isAnswered = false;
    this.#bytes = 0;
    if (this.#silent >= leaseIntervals - 1) this.#fail(lostError("it has not answered for the whole lease"));
    else this.#write(plainFrame(clientFrame.ping, 0));
  }

  #fail(cause: RunnerError): void {
    if (this.#lost !== undefined) return;
    const error = this.#endReason ?? cause;
    this.#lost = error;
    clearInterval(this.#pingTimer);
    const handlers = [...this.#underWay.values()].map(({ handler }) => handler);
    this.#underWay.clear();
    this.#letGo();
    for (const handler of handlers) handler.onLost(error);
    if (this.#endReason === undefined) this.#resolveLost(error);
  }

  /** The end of its input has a helper end what is not durable, and remove what it left half done. One that does not is killed. */
  #letGo(): void {
    const { stdin, stdout, exited } = this.#process;
    stdin.destroy();
    stdout.destroy();
    const timer = setTimeout(() => this.#process.kill(), cleanUpMs);
    timer.unref();
    void exited.then(() => {
      clearTimeout(timer);
      // It may only seem to have ended: a connection can be lost on the way.
      this.#process.kill();
    });
  }
}

/** Where the answer says how many bytes there were, all of them have come before it. */
function requireAllBytes(record: HelperRecord, { bytes }: UnderWay): void {
  if (!record.has("dataBytes")) return;
  const said = readNumber(record, "dataBytes");
  if (said !== bytes) throw corrupt(`an answer to ${said} bytes of which ${bytes} came before it`);
}

function lostError(how: string, cause?: unknown): RunnerError {
  return new RunnerError("disconnected", `The helper on the far side is gone: ${how}`, {
    resource: "session",
    retryable: null,
    ...(cause === undefined ? {} : { cause }),
  });
}
