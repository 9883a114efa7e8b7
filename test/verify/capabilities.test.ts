import { readFile } from "node:fs/promises";
import { listChecks, specification } from "@mooring/conformance";
import { expect, test } from "vitest";
import { places } from "./places.js";

const page = await readFile(new URL("../../docs/capabilities.md", import.meta.url), "utf8");
const rows = page
  .split("\n")
  .filter((line) => line.startsWith("| "))
  .map((line) => line.slice(2, -2).split(" | "));

test.each(Object.keys(places))("docs/capabilities.md says what a session of %s claims", async (name) => {
  await using place = await (places[name] as (typeof places)[string])();
  await using session = await place.provider.createSession(place.facts.destination);
  const column = rows[0]?.indexOf(name) ?? -1;
  for (const [facet, fields] of Object.entries(session.capabilities)) {
    for (const [field, mode] of Object.entries(fields as Record<string, string>)) {
      const row = rows.find(([capability]) => capability === `\`${facet}.${field}\``);
      expect([facet, field, row?.[column]?.split(" ")[0]]).toEqual([facet, field, `\`${mode}\``]);
    }
  }
});

test("docs/capabilities.md counts every check of every promise", () => {
  for (const { id, text } of specification.flatMap(({ promises }) => promises)) {
    const [, said, ...counts] = rows.find(([first]) => first === id) ?? [];
    const checks = listChecks().filter(({ promise }) => promise === id).length;
    const sums = counts.map((count) => (count.match(/\d+/g) ?? []).reduce((sum, part) => sum + Number(part), 0));
    expect([id, said, ...sums]).toEqual([id, text, ...counts.map(() => checks)]);
  }
});
