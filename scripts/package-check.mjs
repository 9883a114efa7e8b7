// Packs every public package and checks what a user would install: publint for its shape, attw for its types.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const readManifest = (folder) => JSON.parse(readFileSync(path.join(root, folder, "package.json"), "utf8"));

let failures = 0;
for (const workspace of readManifest(".").workspaces) {
  const manifest = readManifest(workspace);
  if (manifest.private) continue;
  check(manifest.name, workspace, ["publint", "--strict"]);
  const hasTypes = Object.values(manifest.exports).some((target) => typeof target === "object");
  if (hasTypes) check(manifest.name, workspace, ["attw", "--pack", ".", "--profile", "esm-only", "--quiet"]);
}
process.exitCode = failures === 0 ? 0 : 1;

function check(name, workspace, [tool, ...args]) {
  const { status, stdout, stderr } = spawnSync(path.join(root, "node_modules/.bin", tool), args, {
    cwd: path.join(root, workspace),
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (status === 0) {
    console.log(`${name}: ${tool} passed`);
    return;
  }
  failures += 1;
  console.error(`${name}: ${tool} failed\n${stdout}${stderr}`);
}
