import type { StoredEvent, StoreEngine, StreamCursor } from "./store-engine.js";

const defaultPollMs = 1_000;
const pageSize = 500;

/**
 * Every event after the cursor, then each new one as it comes, until the signal aborts. Hints only wake it: with all
 * of them lost it still delivers, a poll later.
 * @default pollMs: 1,000
 */
export async function* tail(
  store: StoreEngine,
  stream: string,
  after: StreamCursor | null,
  options: { readonly signal?: AbortSignal; readonly pollMs?: number } = {},
): AsyncGenerator<StoredEvent, void, undefined> {
  const waker = new Waker();
  // Listening begins before the first read: an event in between would otherwise wait for a poll.
  const stopListening = store.onHint([`stream/${stream}`], () => waker.wake());
  const onAbort = (): void => waker.wake();
  options.signal?.addEventListener("abort", onAbort, { once: true });
  const isAborted = (): boolean => options.signal?.aborted === true;
  try {
    let cursor = after;
    while (!isAborted()) {
      const page = await store.read(stream, cursor, pageSize);
      cursor = page.next;
      for (const event of page.events) {
        yield event;
        if (isAborted()) return;
      }
      if (page.events.length === 0) await waker.sleep(options.pollMs ?? defaultPollMs);
    }
  } finally {
    stopListening();
    options.signal?.removeEventListener("abort", onAbort);
  }
}

/** A sleep that can be ended early, also just before it begins. */
class Waker {
  #woken = false;
  #resume: (() => void) | undefined;

  wake(): void {
    this.#woken = true;
    this.#resume?.();
  }

  async sleep(milliseconds: number): Promise<void> {
    if (!this.#woken) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, milliseconds);
        this.#resume = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#woken = false;
    this.#resume = undefined;
  }
}
