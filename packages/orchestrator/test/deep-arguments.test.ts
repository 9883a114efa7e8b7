import { expect, test } from "vitest";
import { toJson } from "../src/events/to-json.js";
import { boundThread } from "./support/bound-thread.js";
import { memoryPlace } from "./support/memory-place.js";

function nested(levels: number): unknown {
  let value: unknown = "bottom";
  for (let level = 0; level < levels; level++) value = level % 2 === 0 ? [value] : { value };
  return value;
}

test("arguments of very many levels are refused as what they are, and the log says so", async () => {
  const { thread, orchestrator } = await boundThread(memoryPlace());
  const result = await thread.call("write_file", { path: "a", content: nested(4_000) });
  expect(result.error).toMatchObject({ code: "invalid_request" });
  expect(toJson(nested(4_000))).toBe("[JSON of very many levels]");
  expect(toJson(nested(500))).toEqual(nested(500));
  await orchestrator.close();
});
