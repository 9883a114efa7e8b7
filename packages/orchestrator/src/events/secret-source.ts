import type { SecretRef } from "@mooring/api";

/** Where the values of secrets come from: the environment, a vault. */
export interface SecretSource {
  /** Rejects when there is no such secret; the message names the reference, never a value. */
  resolve(reference: SecretRef): Promise<string>;
}
