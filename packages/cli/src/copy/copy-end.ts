/** One end of a copy: a path here, or a path at a destination. */
export type CopyEnd =
  | { readonly kind: "local"; readonly path: string }
  | { readonly kind: "remote"; readonly destination: string; readonly path: string };

/**
 * Reads one argument of `mooring cp`. Destinations have colons in them, so two of them stand before the path; those in
 * brackets belong to an address (`[::1]`).
 */
export function copyEnd(text: string): CopyEnd {
  if (/^(?:\/|\.{1,2}(?:\/|$)|~)/.test(text)) return { kind: "local", path: text };
  const masked = text.replaceAll(/\[[^\]]*\]/g, (address) => "_".repeat(address.length));
  const at = masked.indexOf("::");
  if (at < 1) return { kind: "local", path: text };
  return { kind: "remote", destination: text.slice(0, at), path: text.slice(at + 2) || "." };
}
