import type { RunnerError } from "@mooring/api";
import type { HelperRecord } from "./record-reader.js";

/** Whoever made a request and hears of it. Exactly one of `onResult`, `onError` and `onLost` is called, once and last. */
export interface RequestHandler {
  onResult(record: HelperRecord): void;
  onError(record: HelperRecord): void;
  onLost(error: RunnerError): void;
  onEvent?(record: HelperRecord): void;
  /** A view of a shared buffer: whoever keeps it copies it, or takes care that a small piece does not pin a large one. */
  onData?(channel: number, bytes: Buffer): void;
  onEnd?(channel: number): void;
  onCredit?(channel: number, bytes: number): void;
}
