import { Buffer } from "node:buffer";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { RunnerError } from "@mooring/api";
import { describe, expect, it } from "vitest";
import { swap } from "../support/swapper.js";
import { openTestPlace, testShells } from "../support/test-shells.js";

const rounds = 40;

describe.each(testShells)("paths that are changed while they are used, over $name", (shell) => {
  it("lead nowhere outside in as many tries as a test has time for", async () => {
    await using place = await openTestPlace(shell);
    const { files, commands } = place.far;
    const { root, outside } = place;
    mkdirSync(`${root}/directory`);
    writeFileSync(`${root}/directory/file`, "inside");
    writeFileSync(`${root}/leaf`, "inside");
    writeFileSync(`${outside}/file`, "outside!");
    symlinkSync(outside, `${root}/link`);
    symlinkSync(`${outside}/file`, `${root}/leaf-link`);
    await using _directories = await swap(`${root}/directory`, `${root}/link`);
    await using _leaves = await swap(`${root}/leaf`, `${root}/leaf-link`);
    const escapes: string[] = [];
    const refused = (error: unknown) => {
      if (!RunnerError.is(error) || !["path_escape", "unavailable", "not_found"].includes(error.code)) throw error;
    };
    const read = async (path: string) => {
      const { contents } = await files.read(path);
      if (Buffer.from(contents).toString() !== "inside") escapes.push(path);
    };
    for (let round = 0; round < rounds; round++) {
      await Promise.all([
        read("directory/file").catch(refused),
        read("leaf").catch(refused),
        files.write("directory/written", "x").catch(refused),
        files.makeDirectory(`directory/made-${round}`).catch(refused),
        commands
          .run({ program: "pwd", cwd: "directory" })
          .then(({ stdout }) => stdout.text().startsWith(root) || escapes.push("cwd"))
          .catch(refused),
      ]);
    }
    expect(escapes).toEqual([]);
    expect(readdirSync(outside)).toEqual(["file"]);
    expect(readFileSync(`${outside}/file`, "utf8")).toBe("outside!");
  });
});
