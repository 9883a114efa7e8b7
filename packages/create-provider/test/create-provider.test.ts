import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const run = promisify(execFile);
const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const house = fileURLToPath(new URL("../../../", import.meta.url));
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "create-provider-"));
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

/** Runs the program as npm does, with nobody at a terminal. */
async function create(...args: string[]): Promise<{ stdout: string; stderr: string; code: number }> {
  const tsx = path.join(house, "node_modules/tsx/dist/loader.mjs");
  try {
    const { stdout, stderr } = await run(process.execPath, ["--import", tsx, main, ...args], { cwd: directory });
    return { stdout, stderr, code: 0 };
  } catch (error) {
    const { stdout, stderr, code } = error as { stdout: string; stderr: string; code: number };
    return { stdout, stderr, code };
  }
}

describe("what is made", () => {
  it.each(["command", "http", "memory"])(
    "is a whole package over the base %s, in the name that was given",
    async (base) => {
      const { stdout, code } = await create("far-box", "--base", base);
      expect(code).toBe(0);
      expect(stdout).toContain("\n  cd far-box\n  npm install\n  npm test\n");
      const root = path.join(directory, "far-box");
      const names = await readdir(root, { recursive: true });
      expect(names).toEqual(
        expect.arrayContaining([
          ".gitignore",
          "README.md",
          "package.json",
          "src/far-box.ts",
          "src/index.ts",
          "test/conformance.test.ts",
          "tsconfig.build.json",
          "tsconfig.json",
        ]),
      );
      for (const name of names.filter((found) => /\.\w+$/.test(found))) {
        expect(await readFile(path.join(root, name), "utf8"), name).not.toMatch(/my-?place/i);
      }
      // What is printed to be looked at next is there.
      for (const [, file = ""] of stdout.matchAll(/^ {2}((?:src|test)\/\S+)/gm)) expect(names).toContain(file);
      expect(await readdir(directory)).toEqual(["far-box"]);
    },
  );

  it("asks for our packages in its own version, and for the others as the house has them", async () => {
    await create("box", "--yes");
    const made = await manifest(path.join(directory, "box"));
    const { version } = await manifest(fileURLToPath(new URL("..", import.meta.url)));
    const own = `^${version as string}`;
    expect(made["dependencies"]).toEqual({
      "@mooring/api": own,
      "@mooring/provider-kit": own,
      zod: ((await manifest(path.join(house, "packages/api"))) as { dependencies: { zod: string } }).dependencies.zod,
    });
    const { devDependencies } = (await manifest(house)) as { devDependencies: Record<string, string> };
    expect(made["devDependencies"]).toEqual({
      "@mooring/conformance": own,
      "@types/node": devDependencies["@types/node"],
      tsx: devDependencies["tsx"],
      typescript: `~${devDependencies["typescript"]}`,
      vitest: devDependencies["vitest"],
    });
  });

  it("replaces an empty directory", async () => {
    await mkdir(path.join(directory, "box"));
    expect((await create("box")).code).toBe(0);
    expect(await readdir(path.join(directory, "box"))).toContain("package.json");
  });
});

describe("what cannot be made", () => {
  it.each([
    [[], "Expected a name for the provider, got none"],
    [["Box"], "Expected a name of a lower-case letter and then at most 63 of a-z 0-9 and -, got `Box`"],
    [["../box"], "Expected a name of a lower-case letter and then at most 63 of a-z 0-9 and -, got `../box`"],
    [
      ["a".repeat(65)],
      `Expected a name of a lower-case letter and then at most 63 of a-z 0-9 and -, got \`${"a".repeat(65)}\``,
    ],
    [["one", "two"], "Expected one name, got 2: one two"],
    [["box", "--base", "ftp"], "Expected --base to be one of command, http, memory, got `ftp`"],
    [["box", "--bass"], "Unknown option '--bass'"],
  ])("is told by its reason, with the usage, and nothing is written: %j", async (args, reason) => {
    const { stdout, stderr, code } = await create(...args);
    expect(code).toBe(2);
    expect(stderr).toContain(`create-provider: ${reason}`);
    expect(stderr).toContain("Usage: npm create @mooring/provider <name>");
    expect(stdout).toBe("");
    expect(await readdir(directory)).toEqual([]);
  });

  it("is a directory with something in it, which stays as it is", async () => {
    await mkdir(path.join(directory, "box"));
    await writeFile(path.join(directory, "box", "mine"), "kept");
    const { stderr, code } = await create("box");
    expect(code).toBe(2);
    expect(stderr).toContain(`Expected ${path.join(directory, "box")} to be empty or not there, got 1 entries: mine`);
    expect(await readdir(directory, { recursive: true })).toEqual(["box", "box/mine"]);
  });

  it("is a file in the place of the directory", async () => {
    await writeFile(path.join(directory, "box"), "kept");
    const { stderr, code } = await create("box");
    expect(code).toBe(2);
    expect(stderr).toContain("to be a directory or nothing, got a file");
    expect(await readFile(path.join(directory, "box"), "utf8")).toBe("kept");
  });
});

it("prints how it is used when it is asked, and makes nothing", async () => {
  const { stdout, code } = await create("--help");
  expect(code).toBe(0);
  expect(stdout).toMatch(/^Usage: npm create @mooring\/provider <name>/);
  expect(await readdir(directory)).toEqual([]);
});

async function manifest(folder: string): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(path.join(folder, "package.json"), "utf8")) as Record<string, unknown>;
}
