// Runs turbo tasks over all workspaces, with telemetry off on every platform.
import { spawnSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";

const turbo = fileURLToPath(new URL("../node_modules/turbo/bin/turbo", import.meta.url));
const { status } = spawnSync(
  process.execPath,
  [turbo, "run", "--output-logs=errors-only", "--continue=dependencies-successful", ...process.argv.slice(2)],
  {
    stdio: "inherit",
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: "1" },
  },
);
process.exitCode = status ?? 1;
