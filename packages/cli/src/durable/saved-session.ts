import { mkdir, readFile, unlink, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { parseUntrusted, type RunnerSessionState, runnerIdSchema, runnerSessionStateSchema } from "@mooring/api";
import * as z from "zod";
import { usageError } from "../cli-error.js";

/** What is kept here of a session with a durable command, so that it can be found again. */
export interface SavedSession {
  /** As the person typed it. */
  readonly destination: string;
  readonly commandId: string;
  readonly state: RunnerSessionState;
}

const savedSessionSchema: z.ZodType<SavedSession> = z.object({
  destination: z.string(),
  commandId: runnerIdSchema,
  state: runnerSessionStateSchema,
});

function directory(): string {
  return join(process.env["XDG_STATE_HOME"] || join(homedir(), ".local/state"), "mooring-cli");
}

function fileFor(sessionId: string): string {
  if (!runnerIdSchema.safeParse(sessionId).success) {
    throw usageError(`Expected the id of a session, got \`${sessionId}\``);
  }
  return join(directory(), `${sessionId}.json`);
}

/** Readable by this user only: it says what runs where. */
export async function saveSession(saved: SavedSession): Promise<void> {
  const file = fileFor(saved.state.sessionId);
  await mkdir(directory(), { recursive: true, mode: 0o700 });
  await writeFile(file, `${JSON.stringify(saved, null, 2)}\n`, { mode: 0o600 });
}

export async function loadSession(sessionId: string): Promise<SavedSession> {
  const file = fileFor(sessionId);
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw usageError(`No session \`${sessionId}\` was left here by mooring exec --durable`, error);
  });
  return await parseUntrusted(savedSessionSchema, JSON.parse(text), file);
}

export async function forgetSession(sessionId: string): Promise<void> {
  await unlink(fileFor(sessionId)).catch(() => {});
}
