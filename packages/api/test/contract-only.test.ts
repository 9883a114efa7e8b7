import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";

const source = join(import.meta.dirname, "../src");

it("imports nothing but itself and zod: the contract knows no Node and no I/O", async () => {
  const names = await readdir(source, { recursive: true });
  const files = names.filter((name) => name.endsWith(".ts"));
  expect(files.length).toBeGreaterThan(30);
  for (const file of files) {
    const text = await readFile(join(source, file), "utf8");
    const specifiers = [...text.matchAll(/\b(?:from|import)\s*\(?\s*"([^"]+)"/g)].map((match) => match[1]);
    for (const specifier of specifiers) {
      expect(specifier, `${file} imports ${specifier}`).toMatch(/^(?:\.{1,2}\/.+\.js|zod)$/);
    }
    expect(text, file).not.toMatch(/\b(?:Buffer|process|require)\s*[.(]/);
  }
});

it("has zod as its only dependency", async () => {
  const manifest = JSON.parse(await readFile(join(source, "../package.json"), "utf8")) as {
    dependencies: object;
  };
  expect(Object.keys(manifest.dependencies)).toEqual(["zod"]);
});
