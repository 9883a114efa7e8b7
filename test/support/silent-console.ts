import { afterEach } from "vitest";

// A test that writes to the console fails: what is worth printing is worth asserting.
const written: string[] = [];
for (const method of ["debug", "error", "info", "log", "warn"] as const) {
  console[method] = (...values: unknown[]) => void written.push(`console.${method}(${values.map(String).join(", ")})`);
}

afterEach(() => {
  const lines = written.splice(0);
  if (lines.length > 0) throw new Error(`The test wrote to the console:\n${lines.join("\n")}`);
});
