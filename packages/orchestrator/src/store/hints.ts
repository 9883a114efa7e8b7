/** Wakes listeners of topics, once for each topic however often it was hinted at in one turn of the event loop. */
export class Hints {
  readonly #listeners = new Map<string, Set<(topic: string) => void>>();
  readonly #pending = new Set<string>();

  hint(topics: readonly string[]): void {
    if (this.#pending.size === 0 && topics.length > 0) queueMicrotask(() => this.#deliver());
    for (const topic of topics) this.#pending.add(topic);
  }

  onHint(topics: readonly string[], listener: (topic: string) => void): () => void {
    for (const topic of topics) {
      const listeners = this.#listeners.get(topic) ?? new Set();
      listeners.add(listener);
      this.#listeners.set(topic, listeners);
    }
    return () => {
      for (const topic of topics) {
        const listeners = this.#listeners.get(topic);
        listeners?.delete(listener);
        if (listeners?.size === 0) this.#listeners.delete(topic);
      }
    };
  }

  #deliver(): void {
    const topics = [...this.#pending];
    this.#pending.clear();
    for (const topic of topics) {
      for (const listener of this.#listeners.get(topic) ?? []) listener(topic);
    }
  }
}
