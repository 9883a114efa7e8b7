/** Reads what SSH packs: 32-bit numbers, and strings that have their length before them. Throws on what ends early. */
export class WireReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  number(): number {
    const value = this.#bytes.readUInt32BE(this.#at);
    this.#at += 4;
    return value;
  }

  bigNumber(): bigint {
    const value = this.#bytes.readBigUInt64BE(this.#at);
    this.#at += 8;
    return value;
  }

  /** What has not been read. */
  rest(): Buffer {
    return this.#bytes.subarray(this.#at);
  }

  string(): Buffer {
    const length = this.number();
    if (length > this.#bytes.length - this.#at) throw new RangeError("A string ends after its packet");
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }
}

/** A string as SSH packs it. */
export function wireString(value: Buffer | string): Buffer {
  const bytes = typeof value === "string" ? Buffer.from(value, "utf8") : value;
  return Buffer.concat([wireNumber(bytes.length), bytes]);
}

export function wireNumber(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
