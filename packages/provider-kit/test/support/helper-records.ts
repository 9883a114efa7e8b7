export type Field = string | number | boolean | Uint8Array | readonly (string | Uint8Array)[] | undefined;

const bytesOf = (value: string | Uint8Array): Buffer => Buffer.from(value as string);

function withLength(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function packList(items: readonly (string | Uint8Array)[]): Buffer {
  return Buffer.concat(items.map((item) => withLength(bytesOf(item))));
}

export function packRecord(fields: Readonly<Record<string, Field>>): Buffer {
  const parts: Buffer[] = [];
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined || value === false) continue;
    parts.push(Buffer.from([name.length]), Buffer.from(name), withLength(packField(value)));
  }
  return Buffer.concat(parts);
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
