/** What was done so far in a batch, so that a failure can take it back. */
export class UndoLog {
  readonly #steps: (() => void)[] = [];

  add(step: () => void): void {
    this.#steps.push(step);
  }

  /** Sets a key and remembers what was there. */
  set<Key, Value>(map: Map<Key, Value>, key: Key, value: Value): void {
    const had = map.has(key);
    const former = map.get(key);
    this.add(() => (had ? map.set(key, former as Value) : map.delete(key)));
    map.set(key, value);
  }

  rollBack(): void {
    for (const step of this.#steps.reverse()) step();
  }
}
