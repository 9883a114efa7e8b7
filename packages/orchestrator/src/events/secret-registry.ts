import { isSecretLikeKey, type JsonValue, type SecretRef } from "@mooring/api";
import type { SecretSource } from "./secret-source.js";

/**
 * Resolves secrets, and remembers their values in memory for one purpose: that none of them is written to an event or
 * an error message.
 */
export class SecretRegistry {
  readonly #source: SecretSource | undefined;
  /** Value to name; longer values first when they are looked for. */
  readonly #names = new Map<string, string>();
  readonly #learned = new Set<string>();

  constructor(source: SecretSource | undefined) {
    this.#source = source;
  }

  /** What a provider is handed as `host.resolveSecret`; absent when there is no source. */
  get resolver(): ((reference: SecretRef) => Promise<string>) | undefined {
    const source = this.#source;
    if (source === undefined) return undefined;
    return async (reference) => {
      const value = await source.resolve(reference);
      if (value !== "") this.#names.set(value, reference.id);
      return value;
    };
  }

  /**
   * Learns the values of these secrets before anything is written that could contain one. One that cannot be resolved
   * has no value to be kept back, and fails where it is needed.
   */
  async learn(references: readonly SecretRef[]): Promise<void> {
    const unknown = references.filter(({ id }) => !this.#learned.has(id));
    await Promise.allSettled(
      unknown.map(async (reference) => {
        await this.resolver?.(reference);
        this.#learned.add(reference.id);
      }),
    );
  }

  redactText(text: string): string {
    const values = [...this.#names.keys()].sort((left, right) => right.length - left.length);
    return values.reduce((redacted, value) => redacted.replaceAll(value, `[secret ${this.#names.get(value)}]`), text);
  }

  /** The same value with known secrets, and whatever stands under a key that looks like one, replaced. */
  redact(value: JsonValue): JsonValue {
    if (typeof value === "string") return this.redactText(value);
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return value.map((item: JsonValue) => this.redact(item));
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [
        this.redactText(key),
        isSecretLikeKey(key) && typeof item === "string" ? "[secret]" : this.redact(item),
      ]),
    );
  }
}
