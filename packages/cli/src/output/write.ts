/** Writes all of it and waits until the stream took it. Rejects when the other end is gone. */
export function writeAll(stream: NodeJS.WritableStream, data: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(data, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

/** One line of our own on standard output. */
export async function printLine(line: string): Promise<void> {
  await writeAll(process.stdout, `${line}\n`);
}

/** One line of our own on standard error. A reader that is gone is nobody's business. */
export async function warnLine(line: string): Promise<void> {
  await writeAll(process.stderr, `${line}\n`).catch(() => {});
}

/** A JSON document on standard output, bytes in it as base64. */
export async function printJson(value: unknown): Promise<void> {
  await printLine(jsonText(value));
}

function jsonText(value: unknown): string {
  return JSON.stringify(
    value,
    (_key, item: unknown) => (item instanceof Uint8Array ? Buffer.from(item).toString("base64") : item),
    2,
  );
}
