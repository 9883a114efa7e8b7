import process from "node:process";
import { describe, expect, test } from "vitest";
import { Coverage } from "./engine/coverage.js";
import { fuzz } from "./engine/fuzz-loop.js";
import type { FuzzTarget, Json } from "./engine/fuzz-target.js";
import { minimise } from "./engine/minimise.js";
import { mutateJson } from "./engine/mutate-json.js";
import { Random } from "./engine/random.js";
import { requireNoPollution } from "./oracles/pollution.js";
import { withinAllocation } from "./oracles/allocation.js";

const limits = { seed: 1, inputs: 20_000, guided: false };

/** Fails for what only an input that was changed several times is. */
function bytesTarget(fails: (bytes: Buffer) => boolean): FuzzTarget {
  return {
    name: "engine-test",
    form: "bytes",
    covers: ["fuzz/engine.test"],
    seeds: [Buffer.from("seed")],
    testInputs: 0,
    run(bytes) {
      if (fails(bytes)) throw new Error("it fails");
    },
  };
}

describe("the fuzzer", () => {
  test("finds a failing input and makes it small", async () => {
    const { failure } = await fuzz(
      bytesTarget((bytes) => bytes.includes(0xff)),
      limits,
    );
    expect(failure?.input).toEqual(Buffer.of(0xff));
    expect(failure?.error.message).toBe("it fails");
  });

  test("makes the same inputs of the same seed", async () => {
    const runs = await Promise.all(
      [1, 1, 2].map(async (seed) => {
        const seen: string[] = [];
        const target = bytesTarget((bytes) => {
          seen.push(bytes.toString("latin1"));
          return false;
        });
        await fuzz(target, { seed, inputs: 200, guided: false });
        return seen.join("|");
      }),
    );
    expect(runs[0]).toBe(runs[1]);
    expect(runs[0]).not.toBe(runs[2]);
  });

  test("builds upon inputs that reach new code", { timeout: 120_000 }, async () => {
    // By chance alone this would take some 2^32 inputs.
    const target = bytesTarget((bytes) => {
      if (bytes[0] !== 0x66) return false;
      if (bytes[1] !== 0x75) return false;
      if (bytes[2] !== 0x7a) return false;
      return bytes[3] === 0x7b;
    });
    const { failure, found } = await fuzz(target, { seed: 3, milliseconds: 90_000, guided: true });
    expect(failure?.input.toString("latin1")).toBe("fuz{");
    expect(found.length).toBeGreaterThan(1);
  });

  test("counts an input that takes too long as a failure", { timeout: 120_000 }, async () => {
    const target = bytesTarget((bytes) => {
      const before = process.cpuUsage();
      while (bytes.length > 40 && process.cpuUsage(before).user < 150_000);
      return false;
    });
    const { failure } = await fuzz(target, limits);
    expect(failure?.error.message).toMatch(/^Expected an input to take at most 100 ms, it took \d+ ms$/);
  });

  test("makes JSON small, too", async () => {
    const target = { name: "json", form: "json", covers: [], seeds: [], testInputs: 0, run() {} } as const;
    const input = { keep: [1, { deep: "xxbadxx" }, "other"], drop: { a: 1 } };
    const smallest = await minimise(target, Buffer.from(JSON.stringify(input)), async (candidate) =>
      candidate.includes("bad"),
    );
    expect(smallest.toString()).toBe('"bad"');
  });

  test("changes JSON without a prototype being touched", () => {
    const random = new Random(1);
    let value: Json = { a: [1, "b"], c: { d: null } };
    for (let count = 0; count < 5_000; count++) {
      const changed = mutateJson(value, random, [value]);
      expect(() => JSON.stringify(changed)).not.toThrow();
      if (JSON.stringify(changed).length < 2_000) value = changed;
    }
    requireNoPollution();
  });
});

describe("its oracles", () => {
  test("tell a prototype that was changed", () => {
    Object.defineProperty(Object.prototype, "polluted", { value: true, configurable: true });
    try {
      expect(requireNoPollution).toThrow("A prototype was changed");
    } finally {
      Reflect.deleteProperty(Object.prototype, "polluted");
    }
  });

  test("tell a buffer that is larger than what came", () => {
    expect(() => withinAllocation(100, () => Buffer.alloc(101))).toThrow("A buffer of 101 bytes was made");
    expect(() => withinAllocation(100, () => Buffer.concat([Buffer.alloc(60), Buffer.alloc(60)]))).toThrow("120 bytes");
    expect(withinAllocation(100, () => Buffer.alloc(100)).length).toBe(100);
  });

  test("tell code that was reached for the first time", () => {
    using coverage = new Coverage(["fuzz/engine.test"]);
    const branch = (value: number): string => (value > 5 ? "more" : "less");
    branch(1);
    expect(coverage.sawNew({ remember: true })).toBe(true);
    branch(2);
    expect(coverage.sawNew({ remember: true })).toBe(false);
    branch(9);
    expect(coverage.sawNew({ remember: true })).toBe(true);
  });
});
