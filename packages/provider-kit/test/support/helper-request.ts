import { HelperFailure } from "./helper-failure.js";
import { unpackRecord } from "./helper-records.js";

export const clientFrames = { request: 1, data: 2, end: 3, credit: 4, abandon: 5, ping: 6 } as const;

/** One request: what the helper sent for it, and what the client may send. */
export class Request {
  readonly #events = new Map<string, Map<string, Buffer>>();
  readonly #waiters = new Map<string, (record: Map<string, Buffer>) => void>();
  readonly output: Record<number, Buffer[]> = { 1: [], 2: [] };
  readonly ended = new Set<number>();
  /** What arrived, in order: "event started", "data 1", "end 1", "result". */
  readonly order: string[] = [];
  uploadCredit = 262_144;
  onData: (() => void) | undefined;
  readonly result: Promise<Map<string, Buffer>>;
  resolve!: (record: Map<string, Buffer>) => void;
  reject!: (error: Error) => void;

  readonly id: number;
  readonly #send: (type: number, id: number, payload: Uint8Array) => void;
  readonly #autoCredit: boolean;

  constructor(send: (type: number, id: number, payload: Uint8Array) => void, id: number, autoCredit: boolean) {
    this.#send = send;
    this.id = id;
    this.#autoCredit = autoCredit;
    this.result = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.result.catch(() => undefined);
  }

  text(channel = 1): string {
    return Buffer.concat(this.output[channel] ?? []).toString();
  }

  event(name: string): Promise<Map<string, Buffer>> {
    const past = this.#events.get(name);
    if (past !== undefined) return Promise.resolve(past);
    const event = new Promise<Map<string, Buffer>>((resolve) => this.#waiters.set(name, resolve));
    return Promise.race([event, this.result.then(() => Promise.reject(new Error(`no event ${name}`)))]);
  }

  /** Resolves when the output of a channel contains the text. */
  async until(text: string, channel = 1): Promise<void> {
    while (!this.text(channel).includes(text)) {
      await Promise.race([
        new Promise<void>((resolve) => (this.onData = resolve)),
        this.result.then(() => {
          if (!this.text(channel).includes(text)) throw new Error(`ended without ${text}`);
        }),
      ]);
    }
  }

  data(bytes: string | Uint8Array): void {
    this.#send(clientFrames.data, this.id, Buffer.concat([Buffer.from([0]), Buffer.from(bytes as string)]));
  }
  end(): void {
    this.#send(clientFrames.end, this.id, Buffer.from([0]));
  }
  credit(bytes: number, channel = 1): void {
    const payload = Buffer.alloc(5);
    payload[0] = channel;
    payload.writeUInt32BE(bytes, 1);
    this.#send(clientFrames.credit, this.id, payload);
  }
  abandon(): void {
    this.#send(clientFrames.abandon, this.id, Buffer.alloc(0));
  }

  take(type: number, payload: Buffer): boolean {
    if (type === 0x81) {
      this.order.push("result");
      this.resolve(unpackRecord(payload));
      return true;
    }
    if (type === 0x82) {
      this.order.push("error");
      this.reject(new HelperFailure(unpackRecord(payload)));
      return true;
    }
    if (type === 0x83) {
      const record = unpackRecord(payload);
      const name = String(record.get("event"));
      this.order.push(`event ${name}`);
      this.#events.set(name, record);
      this.#waiters.get(name)?.(record);
    } else if (type === 0x84) {
      const channel = payload[0] ?? 0;
      this.order.push(`data ${channel}`);
      this.output[channel]?.push(payload.subarray(1));
      this.onData?.();
      if (this.#autoCredit) this.credit(payload.length - 1, channel);
    } else if (type === 0x85) {
      this.order.push(`end ${payload[0]}`);
      this.ended.add(payload[0] ?? 0);
      this.onData?.();
    } else if (type === 0x86) {
      this.uploadCredit += payload.readUInt32BE(1);
    }
    return false;
  }
}
