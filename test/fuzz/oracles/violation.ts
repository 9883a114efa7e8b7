/** What must hold does not. */
export class Violation extends Error {
  override readonly name = "Violation";
}

export function requireThat(holds: boolean, message: () => string): void {
  if (!holds) throw new Violation(message());
}

/** Fails unless both say the same, as JSON or bytes do. */
export function requireSame(left: unknown, right: unknown, what: string): void {
  const [first, second] = [describe(left), describe(right)];
  requireThat(first === second, () => `${what}: ${shortened(first)} is not ${shortened(second)}`);
}

/** A value as text, with what JSON leaves out. */
function describe(value: unknown): string {
  const text = JSON.stringify(value, (_key, item: unknown) => {
    if (item instanceof Map) return { map: [...(item as Map<unknown, unknown>)] };
    if (item instanceof Uint8Array) return { bytes: Buffer.from(item).toString("latin1") };
    if (typeof item === "number" && !Number.isFinite(item)) return { number: String(item) };
    if (item === undefined) return { undefined: true };
    return item;
  });
  return text ?? "nothing";
}

export function shortened(text: string): string {
  return text.length > 300 ? `${text.slice(0, 300)}... (${text.length})` : text;
}
