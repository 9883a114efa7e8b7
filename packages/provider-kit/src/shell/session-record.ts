import { createHash } from "node:crypto";
import { parseUntrusted, type RunnerSessionInfo } from "@mooring/api";
import { z } from "zod";
import type { FarSideOptions } from "../far-side/far-side.js";

const recordSchema = z.object({
  sessionId: z.string().min(1).max(1_024),
  labels: z.record(z.string(), z.string()),
  createdAtMs: z.number().nonnegative(),
});

/** The name of a session's state directory. */
export function stateName(sessionId: string): string {
  return createHash("sha256").update(sessionId).digest("hex").slice(0, 32);
}

/** What is kept of a session over there: one word, whatever is in it. */
export function sessionRecord({ sessionId, labels }: Pick<FarSideOptions, "sessionId" | "labels">): string {
  return Buffer.from(JSON.stringify({ sessionId, labels, createdAtMs: Date.now() })).toString("base64");
}

/** A record as it comes back, from a place where others may write: `undefined` for what is none. */
export async function readSessionRecord(
  word: string,
): Promise<Pick<RunnerSessionInfo, "sessionId" | "labels" | "createdAtMs"> | undefined> {
  try {
    const value: unknown = JSON.parse(Buffer.from(word, "base64").toString("utf8"));
    return await parseUntrusted(recordSchema, value, "session record");
  } catch {
    return undefined;
  }
}
