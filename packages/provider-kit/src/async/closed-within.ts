import type { Readable } from "node:stream";
import { within } from "./within.js";

/** Resolves when the stream is closed, or after so long: what else holds it open is not waited for. */
export async function closedWithin(milliseconds: number, stream: Readable): Promise<void> {
  if (stream.closed) return;
  await within(milliseconds, new Promise((resolve) => stream.once("close", resolve)), undefined);
}
