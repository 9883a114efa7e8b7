// npm test: gets the real far sides ready, builds, and runs every suite. Further arguments go to vitest.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

import { availableTools, isAvailable, tools } from "./far-side-tools.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const inContinuousIntegration = process.env.CI === "true";

process.exitCode = main();

function main() {
  installMissing();
  const missing = tools.filter((tool) => !isAvailable(tool));
  for (const { name, usedBy, debianPackages } of missing) {
    console.error(`missing: ${name} (Debian: ${debianPackages.join(" ")}); suites skipped: ${usedBy}`);
  }
  if (missing.length > 0 && inContinuousIntegration) {
    console.error("With CI=true every far side must be there.");
    return 1;
  }
  return run(process.execPath, ["scripts/turbo.mjs", "build"]) || runTests();
}

function installMissing() {
  const packages = [...new Set(tools.filter((tool) => !isAvailable(tool)).flatMap((tool) => tool.debianPackages))];
  if (packages.length === 0 || process.getuid?.() !== 0 || !existsSync("/etc/debian_version")) return;
  console.error(`installing ${packages.join(" ")}`);
  const options = { env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } };
  run("apt-get", ["update", "-qq"], options);
  run("apt-get", ["install", "-qq", "--yes", "--no-install-recommends", ...packages], options);
}

function runTests() {
  const folder = mkdtempSync(path.join(tmpdir(), "mooring-test-"));
  const report = process.env.MOORING_TEST_REPORT ?? path.join(folder, "report.json");
  try {
    return run(
      process.execPath,
      [
        "node_modules/vitest/vitest.mjs",
        "run",
        "--reporter=default",
        "--reporter=json",
        `--outputFile.json=${report}`,
        ...process.argv.slice(2),
      ],
      { env: { ...process.env, MOORING_TEST_AVAILABLE: availableTools().join(",") } },
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs to the end and returns an exit code; a signal or a program that is not there counts as failure. */
function run(program, args, options = {}) {
  const { status, error } = spawnSync(program, args, {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    ...options,
  });
  if (error !== undefined) console.error(`${program}: ${error.message}`);
  return status ?? 1;
}
