import { chmod, mkdir, readFile, readlink, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runMooring } from "./support/run-mooring.js";
import { temporaryDirectory } from "./support/temporary-directory.js";

const everyByte = Buffer.from(Uint8Array.from({ length: 256 }, (_, index) => index));
const directory = temporaryDirectory();

async function cp(...args: string[]) {
  return await runMooring(["cp", ...args], { env: directory.env, cwd: directory.path });
}

async function makeTree(): Promise<string> {
  const tree = join(directory.path, "tree");
  await mkdir(join(tree, "deep/er"), { recursive: true });
  await mkdir(join(tree, "node_modules"));
  await mkdir(join(directory.path, "place"));
  await writeFile(join(tree, "every.bin"), everyByte);
  await writeFile(join(tree, "deep/er/run.sh"), "#!/bin/sh\n");
  await chmod(join(tree, "deep/er/run.sh"), 0o755);
  await symlink("deep/er/run.sh", join(tree, "link"));
  await writeFile(join(tree, "node_modules/big"), "x");
  for (const name of ["every.bin", "deep/er/run.sh"]) await utimes(join(tree, name), 1_600_000_000, 1_600_000_000);
  return tree;
}

describe("mooring cp", () => {
  it("copies a tree there and back, modes and links included", async () => {
    const tree = await makeTree();
    const place = `unix-local:${directory.path}/place`;
    const there = await cp("--json", "--ignore", "node_modules", "--", "./tree", `${place}::into/tree`);
    expect(there).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(there.stdout.toString())).toMatchObject({
      files: 2,
      links: 1,
      bytes: 256 + 10,
      skipped: [],
    });
    const again = await cp("--json", "--ignore", "node_modules", "--", "./tree", `${place}::into/tree`);
    expect(JSON.parse(again.stdout.toString())).toMatchObject({ files: 0, links: 0, unchanged: 3 });
    const all = await cp("--json", "--all", "--ignore", "node_modules", "--", "./tree", `${place}::into/tree`);
    expect(JSON.parse(all.stdout.toString())).toMatchObject({ files: 2, links: 1, unchanged: 0 });
    const back = await cp(`${place}::into/tree`, "./back");
    expect(back).toMatchObject({ code: 0, stderr: "" });
    expect(back.stdout.length).toBe(0);
    expect((await readFile(join(directory.path, "back/every.bin"))).equals(everyByte)).toBe(true);
    expect((await stat(join(directory.path, "back/deep/er/run.sh"))).mode & 0o777).toBe(0o755);
    expect(await readlink(join(directory.path, "back/link"))).toBe("deep/er/run.sh");
    await expect(stat(join(directory.path, "back/node_modules"))).rejects.toThrow("ENOENT");
    expect((await stat(join(tree, "node_modules"))).isDirectory()).toBe(true);
  });

  it("copies one file, to a name and into a directory", async () => {
    await makeTree();
    const place = `unix-local:${directory.path}/place`;
    expect(await cp("tree/every.bin", `${place}::renamed.bin`)).toMatchObject({ code: 0 });
    expect(await cp("tree/every.bin", `${place}::`)).toMatchObject({ code: 0 });
    for (const name of ["renamed.bin", "every.bin"]) {
      expect((await readFile(join(directory.path, "place", name))).equals(everyByte)).toBe(true);
    }
    expect(await cp(`${place}::renamed.bin`, ".")).toMatchObject({ code: 0 });
    expect((await readFile(join(directory.path, "renamed.bin"))).equals(everyByte)).toBe(true);
  });

  it("says what is missing, and leaves its place", async () => {
    await makeTree();
    const place = `unix-local:${directory.path}/place`;
    const nothing = await cp("--json", `${place}::nothing`, "./x");
    expect(nothing.code).toBe(1);
    expect(JSON.parse(nothing.stderr)).toMatchObject({ error: { code: "not_found" } });
    const escape = await cp("--json", "tree/every.bin", `${place}::../escaped`);
    expect(escape.code).toBe(1);
    expect(JSON.parse(escape.stderr)).toMatchObject({ error: { code: "path_escape" } });
    await expect(stat(join(directory.path, "escaped"))).rejects.toThrow("ENOENT");
  });
});
