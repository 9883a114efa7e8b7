// npm run spec: writes docs/spec.md anew from the specification and the checks.
import { writeFile } from "node:fs/promises";
import { specification } from "@mooring/conformance";
import { specificationText } from "./spec-text.js";

await writeFile(new URL("../../docs/spec.md", import.meta.url), specificationText());
const count = specification.reduce((sum, { promises }) => sum + promises.length, 0);
console.log(`spec: ${count} promises written to docs/spec.md`);
