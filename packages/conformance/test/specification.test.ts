import { expect, test } from "vitest";
import { allChecks } from "../src/checks/all-checks.js";
import { chapters, promisedInVain, promiseOf } from "../src/specification/promises.js";

const checkIds = allChecks.map(({ id }) => id);

test("Every check holds one promise, and every promise is held by a check", () => {
  const held = new Set(checkIds.map((id) => promiseOf(id).id));
  expect(promisedInVain(checkIds)).toEqual([]);
  expect(chapters.flatMap(({ promises }) => promises).filter(({ id }) => !held.has(id))).toEqual([]);
});

test("The numbers of promises are given once", () => {
  const ids = chapters.flatMap(({ promises }) => promises.map(({ id }) => id));
  expect(new Set(ids).size).toBe(ids.length);
});

test("A check with no promise, and a promise with no check, are found", () => {
  expect(() => promiseOf("process.unheard-of")).toThrow("found none");
  expect(promisedInVain(checkIds.filter((id) => !id.startsWith("restricted.")))).toEqual([
    expect.stringContaining("restricted.*"),
  ]);
});
