/** Works through a list, so many at a time; each worker has a number from 0. */
export async function inParallel<Item>(
  items: Iterable<Item>,
  workers: number,
  work: (item: Item, worker: number) => Promise<void>,
): Promise<void> {
  const rest = items[Symbol.iterator]();
  await Promise.all(
    Array.from({ length: workers }, async (_, worker) => {
      for (let next = rest.next(); next.done !== true; next = rest.next()) await work(next.value, worker);
    }),
  );
}
