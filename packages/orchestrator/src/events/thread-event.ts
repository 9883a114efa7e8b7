import type { JsonObject, JsonValue } from "@mooring/api";

/** What an event's place in other systems is: ids that the caller of a tool gave along. */
export interface EventContext {
  readonly taskId?: string;
  readonly turnId?: string;
  readonly runId?: string;
  readonly workerId?: string;
}

/** How much of something there was, and a digest to know it again by. */
export interface EventDigest {
  /** 64 lower-case hexadecimal digits. */
  readonly sha256: string;
  readonly sizeBytes: number;
}

/** Where the time before a tool's own work went, in milliseconds. */
export interface ToolWaits {
  readonly sessionMs: number;
  readonly leaseMs: number;
}

/**
 * What happened, by type. No value of a known secret is in it, no file that was read and no output of a command:
 * those are told by size and digest.
 */
export interface ThreadEventData {
  "thread.bound": {
    readonly destinationId: string;
    readonly providerId: string;
    readonly workspace: string;
    readonly readRoots: readonly string[];
  };
  "thread.unbound": { readonly destinationId: string };
  "session.created": { readonly workspace: string; readonly durationMs: number };
  "session.resumed": {
    readonly outcome: "reattached" | "restored" | "recreated";
    /** What the former session had and this one lacks. */
    readonly missing: readonly string[];
    readonly workspace: string;
    readonly durationMs: number;
  };
  /** The session ended and nobody asked for it, or it cannot be found again. */
  "session.lost": { readonly reason: string; readonly error?: JsonObject };
  "session.closed": {
    readonly ending: string;
    readonly commandsEnded: number;
    readonly survivors: readonly number[];
    readonly confirmed: boolean;
  };
  "tool.started": {
    readonly callId: string;
    readonly tool: string;
    /** Bounded: long strings are cut and carry their digest. */
    readonly arguments: JsonValue;
  };
  "tool.finished": {
    readonly callId: string;
    readonly tool: string;
    readonly ok: boolean;
    readonly error?: JsonObject;
    readonly durationMs: number;
    readonly waits: ToolWaits;
    /** Of the text that the model got. */
    readonly output: EventDigest;
    readonly truncated: boolean;
    /** Facts of the tool: an exit, sizes, versions. */
    readonly facts: JsonObject;
  };
  diagnostic: { readonly message: string; readonly error?: JsonObject };
}

export type ThreadEventType = keyof ThreadEventData;

/** An event before it is written. */
export type NewThreadEvent = {
  [Type in ThreadEventType]: EventContext & {
    readonly type: Type;
    readonly sessionId?: string;
    readonly data: ThreadEventData[Type];
  };
}[ThreadEventType];

/** One fact in a thread's log. */
export type ThreadEvent = NewThreadEvent & {
  /** Which writing of the log this is. */
  readonly epoch: string;
  /** Counted from 1 without a gap. */
  readonly seq: number;
  /** Unlike any other event's. */
  readonly id: string;
  /** When it was written, ISO 8601, by the store's clock. */
  readonly time: string;
  readonly threadId: string;
};
