import { RunnerError, type RunnerErrorCode } from "@mooring/api";

/** Codes that are a true answer while a path changes under an operation. */
const refusalCodes: ReadonlySet<RunnerErrorCode> = new Set([
  "path_escape",
  "not_found",
  "conflict",
  "unavailable",
  "already_exists",
  "invalid_request",
]);

const mostNotes = 8;

/** Counts what became of the operations of one race. */
export class RaceTally {
  started = 0;
  succeeded = 0;
  refused = 0;
  unexpected = 0;
  escapes = 0;
  firstEscapeAt: number | null = null;
  readonly refusals: Record<string, number> = {};
  readonly notes: string[] = [];

  /** An operation rejected. */
  failed(error: unknown): void {
    if (RunnerError.is(error) && refusalCodes.has(error.code)) {
      this.refused += 1;
      this.refusals[error.code] = (this.refusals[error.code] ?? 0) + 1;
      return;
    }
    this.unexpected += 1;
    const shown = RunnerError.is(error) ? `${error.code}: ${error.message}` : String(error);
    this.#note(`unexpected: ${shown}`);
  }

  /** What is outside was seen or changed, by the operation of this index as far as that is known. */
  escaped(what: string, index?: number): void {
    this.escapes += 1;
    const at = (index ?? this.started - 1) + 1;
    if (this.firstEscapeAt === null || at < this.firstEscapeAt) this.firstEscapeAt = at;
    this.#note(`escape: ${what}`);
  }

  #note(text: string): void {
    if (this.notes.length < mostNotes) this.notes.push(text.length > 300 ? `${text.slice(0, 300)}…` : text);
  }
}
