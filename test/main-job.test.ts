import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const example = fileURLToPath(new URL("../examples/main-job/", import.meta.url));

function runMainJob(args: readonly string[]): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--import", "tsx", "--conditions=@mooring/source", "src/main.ts", ...args], {
      cwd: example,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, output }));
  });
}

test("the main job finds the bug, mends it, fetches a page and leaves no process", async () => {
  const { code, output } = await runMainJob([]);
  expect(output).toContain("0 processes left");
  expect(code, output).toBe(0);
}, 120_000);

test("the main job fails when a step does not come out as expected", async () => {
  const { code, output } = await runMainJob(["--expect-page", "no such text"]);
  expect(output).toContain("no such text");
  expect(code).toBe(1);
}, 120_000);

test("the main job refuses a destination that no provider knows", async () => {
  const { code, output } = await runMainJob(["gopher://somewhere"]);
  expect(output).toContain("gopher://somewhere");
  expect(code).toBe(2);
}, 60_000);
