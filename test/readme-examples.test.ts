import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

const run = promisify(execFile);
const repository = fileURLToPath(new URL("..", import.meta.url));
const readmes = [
  "README.md",
  "packages/api/README.md",
  "docs/write-a-provider.md",
  "packages/conformance/README.md",
  "packages/orchestrator/README.md",
  "packages/provider-kit/README.md",
  "packages/providers/unix-local/README.md",
  "packages/providers/ssh/README.md",
];
let directory: string;

beforeAll(async () => {
  // Beside the tests, so that the packages are found as they are from here.
  directory = await mkdtemp(join(repository, "test", ".readme-"));
});

afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

test("the examples of every README type-check as they stand", async () => {
  let count = 0;
  for (const readme of readmes) {
    const text = await readFile(join(repository, readme), "utf8");
    for (const [, code = ""] of text.matchAll(/^```ts\n(.*?)^```$/gms)) {
      count += 1;
      await writeFile(join(directory, `example-${count}.ts`), `${code}\nexport {};\n`);
    }
  }
  expect(count).toBeGreaterThanOrEqual(readmes.length);
  await writeFile(
    join(directory, "tsconfig.json"),
    JSON.stringify({
      extends: "../../tsconfig.base.json",
      compilerOptions: { noUnusedLocals: false },
      include: ["*.ts"],
    }),
  );
  const tsc = join(repository, "node_modules", "typescript", "bin", "tsc");
  const checked = await run(process.execPath, [tsc, "--project", directory]).catch(
    (error: { stdout: string }) => error,
  );
  expect(checked.stdout).toBe("");
}, 120_000);
