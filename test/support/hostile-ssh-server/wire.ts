import type { Connection } from "ssh2";

/** What of `ssh2` it takes to send any message at all: none of it is in its types. */
interface OpenedProtocol {
  readonly _packetRW: {
    readonly write: { readonly allocStart: number; alloc(length: number): Buffer; finalize(packet: Buffer): Buffer };
  };
  readonly _cipher: { encrypt(packet: Buffer): void };
  rekey(): void;
}

/** Sends messages that no server would. */
export class Wire {
  readonly #protocol: OpenedProtocol;
  #isOpen = true;

  constructor(connection: Connection) {
    this.#protocol = (connection as unknown as { readonly _protocol: OpenedProtocol })._protocol;
    connection.on("close", () => {
      this.#isOpen = false;
    });
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** One message: its number and what it carries. */
  send(message: number, ...fields: readonly (Buffer | number | string | boolean)[]): void {
    if (!this.#isOpen) return;
    const payload = Buffer.concat([Buffer.of(message), ...fields.map(encoded)]);
    const { write } = this.#protocol._packetRW;
    const packet = write.alloc(payload.byteLength);
    packet.set(payload, write.allocStart);
    this.#protocol._cipher.encrypt(write.finalize(packet));
  }

  rekey(): void {
    if (this.#isOpen) this.#protocol.rekey();
  }

  /** Does something again and again, with turns of the event loop between, until the connection is over. */
  flood(work: (count: number) => void): void {
    let count = 0;
    const next = () => {
      if (!this.#isOpen) return;
      for (let index = 0; index < 50; index += 1) work((count += 1));
      setTimeout(next, 1);
    };
    next();
  }
}

/** Buffers go as they are; text with its length before it. */
function encoded(field: Buffer | number | string | boolean): Buffer {
  if (Buffer.isBuffer(field)) return field;
  if (typeof field === "boolean") return Buffer.of(field ? 1 : 0);
  if (typeof field === "number") return uint32(field);
  const text = Buffer.from(field);
  return Buffer.concat([uint32(text.byteLength), text]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
