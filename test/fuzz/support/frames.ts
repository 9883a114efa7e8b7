/** A field of a record: text, bytes, a number, or a list of them. */
export type Field = string | number | Uint8Array | readonly (string | Uint8Array)[];

/** A frame of either direction. */
export function frame(type: number, id: number, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUInt32BE(5 + payload.length);
  head[4] = type;
  head.writeUInt32BE(id >>> 0, 5);
  return Buffer.concat([head, payload]);
}

export function packRecord(fields: Readonly<Record<string, Field>>): Buffer {
  return Buffer.concat(
    Object.entries(fields).flatMap(([key, value]) => {
      const name = Buffer.from(key).subarray(0, 255);
      return [
        Buffer.of(name.length),
        name,
        withLength(typeof value === "object" ? packed(value) : Buffer.from(String(value))),
      ];
    }),
  );
}

export function packList(items: readonly (string | Uint8Array)[]): Buffer {
  return Buffer.concat(items.map((item) => withLength(Buffer.from(item as string))));
}

function packed(value: Uint8Array | readonly (string | Uint8Array)[]): Buffer {
  return value instanceof Uint8Array ? Buffer.from(value) : packList(value);
}

function withLength(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
