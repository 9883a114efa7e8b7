import { expected } from "../errors/expected.js";

/** Permission bits, or `invalid_request`. */
export function requireMode(mode: unknown): number | undefined {
  if (mode === undefined) return undefined;
  if (typeof mode === "number" && Number.isInteger(mode) && mode >= 0 && mode <= 0o7777) return mode;
  throw expected("mode", "permission bits from 0 to 0o7777", mode);
}
