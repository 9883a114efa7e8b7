import type { CheckEvidence } from "../check-result.js";
import { showValue } from "./show-value.js";

const maxEntries = 24;
const maxCharacters = 600;

/** Collects what a check asked and what came, within bounds and with secrets masked. */
export class EvidenceLog {
  readonly #entries: CheckEvidence[] = [];
  readonly #secrets: string[] = [];

  /** From now on this value is masked wherever it would appear. */
  mask(secret: string): void {
    this.#secrets.push(secret);
  }

  add(asked: string, came: unknown): void {
    if (this.#entries.length >= maxEntries) return;
    const shown = typeof came === "string" ? came : showValue(came);
    this.#entries.push({ asked: this.clean(asked), came: this.clean(shown) });
  }

  clean(text: string): string {
    let masked = text;
    for (const secret of this.#secrets) masked = masked.replaceAll(secret, "[secret]");
    if (masked.length <= maxCharacters) return masked;
    return `${masked.slice(0, maxCharacters)}… (${masked.length} characters)`;
  }

  get entries(): readonly CheckEvidence[] {
    return this.#entries;
  }
}
