import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
let house: string;

// The rules are tried in a house of their own, so that no other run ever sees the bad files.
beforeAll(() => {
  house = mkdtempSync(path.join(tmpdir(), "mooring-house-rules-"));
  const config = JSON.parse(readFileSync(path.join(root, ".oxlintrc.json"), "utf8")) as { options: object };
  config.options = { ...config.options, typeAware: false };
  writeFileSync(path.join(house, ".oxlintrc.json"), JSON.stringify(config));
});

afterAll(() => rmSync(house, { recursive: true, force: true }));

/** Lints one file as if it stood in the named package, and returns what the linter says. */
function lint(packageFolder: string, source: string): string {
  const folder = path.join(house, packageFolder, "src");
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, "probe.ts"), source);
  const oxlint = path.join(root, "node_modules/oxlint/bin/oxlint");
  const { stdout, stderr } = spawnSync(process.execPath, [oxlint, "--format=unix"], { cwd: house, encoding: "utf8" });
  rmSync(path.join(house, "packages"), { recursive: true });
  return stdout + stderr;
}

test.each([
  ["packages/api", `import "node:fs";`, "no-restricted-imports"],
  ["packages/api", `import "@mooring/provider-kit";`, "no-restricted-imports"],
  ["packages/api", `import "commander";`, "no-restricted-imports"],
  ["packages/api", `export const home = process.env;`, "no-restricted-globals"],
  ["packages/orchestrator", `import "@mooring/unix-local";`, "no-restricted-imports"],
  ["packages/orchestrator", `import "@mooring/provider-kit/local";`, "no-restricted-imports"],
  ["packages/orchestrator", `export const lazy = () => import("@mooring/unix-local");`, "no-restricted-imports"],
  ["packages/orchestrator", `import "../../api/src/text.js";`, "no-restricted-imports"],
  ["packages/conformance", `import "@mooring/provider-kit";`, "no-restricted-imports"],
  ["packages/provider-kit", `import "@mooring/orchestrator";`, "no-restricted-imports"],
  ["packages/provider-kit", `import { rm } from "node:fs/promises"; void rm;`, "no-restricted-imports"],
  ["packages/providers/unix-local", `import "@mooring/ssh";`, "no-restricted-imports"],
  ["packages/providers/unix-local", `import fs from "node:fs"; fs.realpathSync("/");`, "no-restricted-properties"],
  ["packages/create-provider", `import "@mooring/api";`, "no-restricted-imports"],
  ["packages/create-provider/templates/command", `import "@mooring/unix-local";`, "no-restricted-imports"],
  ["packages/cli", `export default 1;`, "no-default-export"],
  ["packages/cli", `export * from "./main.js";`, "no-barrel-file"],
  ["packages/cli", `export const value: any = 1;`, "no-explicit-any"],
])("in %s the lint refuses %s", (folder, source, rule) => {
  expect(lint(folder, `${source}\n`)).toContain(rule);
});

test.each([
  [
    "packages/api",
    `import { z } from "zod"; import type { Text } from "./text.js"; export const text: Text = z.string().parse("");`,
  ],
  ["packages/provider-kit", `import "@mooring/api"; import "node:fs";`],
  ["packages/providers/unix-local", `import "@mooring/provider-kit/local"; import "@mooring/api/seed";`],
  ["packages/orchestrator", `import "@mooring/api/seed";`],
  ["packages/cli", `import "@mooring/unix-local"; import "@mooring/orchestrator";`],
  ["packages/create-provider", `import "@clack/prompts"; import "node:fs/promises";`],
  ["packages/create-provider/templates/command", `import "@mooring/provider-kit"; import "@mooring/api";`],
])("in %s the lint accepts %s", (folder, source) => {
  expect(lint(folder, `${source}\n`)).not.toContain("probe.ts");
});
