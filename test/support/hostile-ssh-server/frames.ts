import type { HelperFrame } from "./persona.js";

/** The helper's frames, by docs/protocol.md. */
export const frameType = {
  result: 0x81,
  error: 0x82,
  event: 0x83,
  data: 0x84,
  end: 0x85,
  credit: 0x86,
  pong: 0x87,
} as const;

export function encodeFrame(type: number, id: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUInt32BE(payload.byteLength + 5);
  head[4] = type;
  head.writeUInt32BE(id, 5);
  return Buffer.concat([head, payload]);
}

/** Splits a helper's output into what comes before its greeting, with it, and the frames after it. */
export class FrameSplitter {
  #rest: Buffer = Buffer.alloc(0);
  #isGreeted = false;

  *push(chunk: Buffer): Generator<Buffer | HelperFrame> {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    if (!this.#isGreeted) {
      const start = this.#rest.indexOf("MOORING/");
      const end = start === -1 ? 0 : this.#rest.indexOf("\n", start) + 1;
      if (end === 0) return;
      yield this.#take(end);
      this.#isGreeted = true;
    }
    while (this.#rest.byteLength >= 9) {
      const length = this.#rest.readUInt32BE(0) + 4;
      if (this.#rest.byteLength < length) return;
      const whole = this.#take(length);
      yield { type: whole.readUInt8(4), id: whole.readUInt32BE(5), payload: whole.subarray(9), whole };
    }
  }

  #take(length: number): Buffer {
    const taken = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(length);
    return taken;
  }
}

/** A record's fields, in their order. */
export function readFields(payload: Buffer): [key: string, value: Buffer][] {
  const fields: [string, Buffer][] = [];
  for (let at = 0; at < payload.byteLength;) {
    const keyEnd = at + 1 + payload.readUInt8(at);
    const valueEnd = keyEnd + 4 + payload.readUInt32BE(keyEnd);
    fields.push([payload.toString("latin1", at + 1, keyEnd), payload.subarray(keyEnd + 4, valueEnd)]);
    at = valueEnd;
  }
  return fields;
}

export function writeFields(fields: readonly (readonly [key: string, value: Buffer | string])[]): Buffer {
  return Buffer.concat(
    fields.flatMap(([key, value]) => {
      const bytes = Buffer.from(value as string);
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.byteLength);
      return [Buffer.of(key.length), Buffer.from(key, "latin1"), length, bytes];
    }),
  );
}

/** A list's items. */
export function readItems(bytes: Buffer): Buffer[] {
  const items: Buffer[] = [];
  for (let at = 0; at < bytes.byteLength;) {
    const end = at + 4 + bytes.readUInt32BE(at);
    items.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return items;
}

export function writeItems(items: readonly Buffer[]): Buffer {
  return Buffer.concat(
    items.flatMap((item) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(item.byteLength);
      return [length, item];
    }),
  );
}
