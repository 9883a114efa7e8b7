import { memoryStore } from "../src/index.js";
import { storeLaws } from "./support/store-laws.js";

storeLaws("memoryStore", async () => {
  let now = 1_000_000;
  return {
    engine: memoryStore({ now: () => now }),
    advance: (milliseconds) => (now += milliseconds),
    dispose: async () => undefined,
  };
});
