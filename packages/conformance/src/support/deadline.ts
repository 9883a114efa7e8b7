/** Waits for a promise, but not past `milliseconds`: then the result is `late`. The promise is not stopped by it. */
export async function within<Value>(
  milliseconds: number,
  promise: PromiseLike<Value>,
): Promise<{ readonly value: Value } | "late"> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), milliseconds);
  });
  const settled = (async () => ({ value: await promise }))();
  // A rejection that comes after the deadline has nobody left to hear it.
  settled.catch(() => undefined);
  try {
    return await Promise.race([settled, late]);
  } finally {
    clearTimeout(timer);
  }
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Asks again until the answer is wanted, at most for so long; the last answer, wanted or not. */
export async function until<Value>(
  milliseconds: number,
  ask: () => Promise<Value>,
  wanted: (value: Value) => boolean,
): Promise<Value> {
  const end = performance.now() + milliseconds;
  while (true) {
    const value = await ask();
    if (wanted(value) || performance.now() >= end) return value;
    await pause(20);
  }
}
