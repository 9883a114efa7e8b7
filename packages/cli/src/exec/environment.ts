import { usageError } from "../cli-error.js";

/** `NAME=value` as a pair. The value may be empty and may hold more `=`. */
export function environmentPair(text: string): readonly [name: string, value: string] {
  const at = text.indexOf("=");
  if (at < 1) throw usageError(`Expected --env to be NAME=value, got \`${text}\``);
  return [text.slice(0, at), text.slice(at + 1)];
}
