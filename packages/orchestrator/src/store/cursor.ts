import { describeValue, RunnerError } from "@mooring/api";
import type { StreamCursor } from "./store-engine.js";

export interface CursorPosition {
  readonly epoch: string;
  readonly sequence: number;
}

export function encodeCursor(position: CursorPosition): StreamCursor {
  return `${position.epoch}:${position.sequence}`;
}

/** Rejects with `invalid_request` what `encodeCursor` cannot have made. */
export function decodeCursor(cursor: StreamCursor): CursorPosition {
  const match = /^([A-Za-z0-9-]{1,64}):(0|[1-9][0-9]{0,14})$/.exec(cursor);
  const [, epoch, sequence] = match ?? [];
  if (epoch === undefined || sequence === undefined) {
    throw new RunnerError(
      "invalid_request",
      `Expected \`cursor\` to be one that a read returned, got ${describeValue(cursor)}`,
      { retryable: false, phase: "before_start" },
    );
  }
  return { epoch, sequence: Number(sequence) };
}
