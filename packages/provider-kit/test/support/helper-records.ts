export type Field = string | number | boolean | Uint8Array | readonly (string | Uint8Array)[] | undefined;

const bytesOf = (value: string | Uint8Array): Buffer => Buffer.from(value as string);

function withLength(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

export function packList(items: readonly (string | Uint8Array)[]): Buffer {
  return Buffer.concat(items.map((item) => withLength(bytesOf(item))));
}

export type Fields = Readonly<Record<string, Field>>;

export function packRecord(fields: Fields): Buffer {
  const parts: Buffer[] = [];
  for (const [key, value] of Object.entries(fields)) {
    if (value === undefined || value === false) continue;
    const name = Buffer.from(key).subarray(0, 255);
    parts.push(Buffer.of(name.length), name, withLength(packField(value)));
  }
  return Buffer.concat(parts);
}

/** A record that is a whole message: its last field says that nothing of it is missing. */
export function packMessage(fields: Fields): Buffer {
  return packRecord({ ...fields, end: "." });
}

function packField(value: Exclude<Field, undefined | false>): Buffer {
  if (value === true) return Buffer.from("1");
  if (typeof value === "number") return Buffer.from(String(value));
  if (typeof value === "string" || value instanceof Uint8Array) return bytesOf(value);
  return packList(value as readonly (string | Uint8Array)[]);
}

export function unpackList(bytes: Buffer | undefined): Buffer[] {
  const items: Buffer[] = [];
  for (let at = 0; bytes !== undefined && at < bytes.length;) {
    const end = at + 4 + bytes.readUInt32BE(at);
    items.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return items;
}

export function unpackRecord(bytes: Buffer): Map<string, Buffer> {
  const record = new Map<string, Buffer>();
  for (let at = 0; at < bytes.length;) {
    const valueAt = at + 1 + (bytes[at] ?? 0);
    const end = valueAt + 4 + bytes.readUInt32BE(valueAt);
    record.set(bytes.toString("latin1", at + 1, valueAt), bytes.subarray(valueAt + 4, end));
    at = end;
  }
  return record;
}

/** A frame of either direction. */
export function frame(type: number, id: number, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUInt32BE(5 + payload.length);
  head[4] = type;
  head.writeUInt32BE(id >>> 0, 5);
  return Buffer.concat([head, payload]);
}
