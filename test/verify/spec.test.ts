import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { specificationText } from "./spec-text.js";

test("docs/spec.md is what `npm run spec` writes", async () => {
  expect(await readFile(new URL("../../docs/spec.md", import.meta.url), "utf8")).toBe(specificationText());
});
