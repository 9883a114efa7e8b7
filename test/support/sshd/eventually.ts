import { setTimeout as delay } from "node:timers/promises";

/** Looks until there is something to see; throws with what was awaited when it never comes. */
export async function eventually<Value>(
  awaited: string,
  look: () => Value | undefined | Promise<Value | undefined>,
  withinMs = 10_000,
): Promise<Value> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const value = await look();
    if (value !== undefined) return value;
    if (performance.now() > deadline) throw new Error(`${awaited}: not within ${withinMs} ms`);
    await delay(10);
  }
}
