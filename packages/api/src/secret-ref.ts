/**
 * The name of a secret. The value is resolved late, by `host.resolveSecret`, goes to the one place that
 * needs it, and is kept nowhere: not in state, events, errors, logs or argument vectors.
 */
export interface SecretRef {
  /** The secret's name in whatever keeps secrets for the host. Never empty, never the value. */
  readonly id: string;
}
