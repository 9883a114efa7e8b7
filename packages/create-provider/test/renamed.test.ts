import { expect, it } from "vitest";
import { newNames, renamed } from "../src/renamed.js";

const template = 'import process from "node:process"; myPlace("my-place") as MyPlaceConfig';

it.each([
  ["box", 'box("box") as BoxConfig'],
  ["my-box", 'myBox("my-box") as MyBoxConfig'],
  ["a1--b-", 'a1B("a1--b-") as A1BConfig'],
  ["my-place", 'myPlace("my-place") as MyPlaceConfig'],
  // A word that the template uses for something else, and one that the language does.
  ["process", 'processProvider("process") as ProcessProviderConfig'],
  ["class", 'classProvider("class") as ClassProviderConfig'],
])("writes %s in each of the ways that a template does", (id, expected) => {
  expect(renamed(template, newNames(id, [template]))).toBe(`import process from "node:process"; ${expected}`);
});
