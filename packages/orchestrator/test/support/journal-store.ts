import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { memoryStore, type StoreEngine, type StoreOperation } from "../../src/index.js";

/** A store that outlives its process: what was committed stands in a file, and is done again when it is opened. */
export async function journalStore(path: string): Promise<StoreEngine> {
  const store = memoryStore();
  const lines = existsSync(path) ? readFileSync(path, "utf8").split("\n").filter(Boolean) : [];
  for (const line of lines) await store.commit(JSON.parse(line) as StoreOperation[]);
  const commit = store.commit.bind(store);
  store.commit = async (operations, fence) => {
    const result = await commit(operations, fence);
    appendFileSync(path, `${JSON.stringify(operations)}\n`);
    return result;
  };
  return store;
}
