import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

const run = promisify(execFile);
const repository = fileURLToPath(new URL("..", import.meta.url));
const published = [
  "@mooring/api",
  "@mooring/provider-kit",
  "@mooring/unix-local",
  "@mooring/ssh",
  "@mooring/conformance",
  "@mooring/orchestrator",
  "mooring",
];
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "mooring-pack-"));
  const tarballs = join(directory, "tarballs");
  await mkdir(tarballs);
  const workspaces = published.flatMap((name) => ["--workspace", name]);
  await run("npm", ["pack", ...workspaces, "--pack-destination", tarballs], { cwd: repository });
  await writeFile(join(directory, "package.json"), JSON.stringify({ name: "a-user", private: true, type: "module" }));
  const files = (await readdir(tarballs)).map((name) => join(tarballs, name));
  expect(files).toHaveLength(published.length);
  await run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", ...files], {
    cwd: directory,
  });
}, 180_000);

afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

test("what is published installs by itself and runs a command", async () => {
  const workspace = join(directory, "workspace");
  await mkdir(workspace);
  await writeFile(
    join(directory, "use.js"),
    `import { unixLocal } from "@mooring/unix-local";
     const provider = unixLocal();
     const session = await provider.createSession({
       id: "here", providerId: provider.id, config: { root: ${JSON.stringify(workspace)} },
       defaultManifest: { entries: [], mounts: [] },
     });
     const result = await session.commands.run({ program: "echo", args: ["installed"] });
     console.log(JSON.stringify(result.exit), result.stdout.text().trim());
     await session.destroy();`,
  );
  const { stdout } = await run(process.execPath, ["use.js"], { cwd: directory });
  expect(stdout.trim()).toBe('{"kind":"code","code":0} installed');
}, 60_000);

test("every entry point that is declared can be imported", async () => {
  const entries = [
    "@mooring/api",
    "@mooring/api/seed",
    "@mooring/provider-kit",
    "@mooring/provider-kit/local",
    "@mooring/unix-local",
    "@mooring/ssh",
    "@mooring/conformance",
    "@mooring/conformance/doubles",
    "@mooring/orchestrator",
  ];
  const script = entries
    .map((entry) => `if (Object.keys(await import("${entry}")).length === 0) throw new Error("${entry} is empty");`)
    .join("\n");
  await run(process.execPath, ["--input-type=module", "-e", script], { cwd: directory });
}, 60_000);

test("the installed command line runs a command and exits as it did", async () => {
  const bin = join(directory, "node_modules", ".bin", "mooring");
  const { stdout } = await run(bin, ["exec", `unix-local:${directory}`, "--", "echo", "hello"]);
  expect(stdout).toBe("hello\n");
  await expect(run(bin, ["exec", `unix-local:${directory}`, "--", "sh", "-c", "exit 7"])).rejects.toMatchObject({
    code: 7,
  });
}, 60_000);
