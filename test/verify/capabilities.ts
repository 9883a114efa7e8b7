// npm run capabilities: measures our places one after the other and writes docs/capabilities.md.
import { writeFile } from "node:fs/promises";
import process from "node:process";
import { capabilitiesText, type MeasuredPlace } from "./capabilities-text.js";
import { places } from "./places.js";
import { runPlace } from "./run-place.js";

const measured: MeasuredPlace[] = [];
for (const name of Object.keys(places)) {
  const report = await runPlace(name, {}, (line) => {
    if (!/^(?:passed|skipped| )/.test(line)) console.log(line);
  });
  console.log(`${name}: ${report.passed} passed, ${report.failed} failed, ${report.skipped} skipped`);
  measured.push({ name, report });
}
await writeFile(new URL("../../docs/capabilities.md", import.meta.url), capabilitiesText(measured));
process.exitCode = measured.every(({ report }) => report.failed === 0) ? 0 : 1;
