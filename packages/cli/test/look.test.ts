import { readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runMooring } from "./support/run-mooring.js";
import { temporaryDirectory } from "./support/temporary-directory.js";

const directory = temporaryDirectory();

async function json(...args: string[]): Promise<unknown> {
  const ended = await runMooring([...args, "--json"], { env: directory.env, cwd: directory.path });
  expect(ended).toMatchObject({ code: 0, stderr: "" });
  return JSON.parse(ended.stdout.toString()) as unknown;
}

describe("mooring providers list", () => {
  it("has unix-local, with its capabilities and no secret", async () => {
    expect(await json("providers", "list")).toMatchObject([
      { id: "unix-local", setupHint: null, capabilities: { commands: { output: "bytes" } } },
      { id: "ssh", capabilities: { commands: { output: "bytes" } } },
    ]);
  });

  it("has what a configuration module brings", async () => {
    const provider = `{ specificationVersion: "runner-v1", id: "moon", capabilities: {}, setupHint: async () => "set MOON_KEY" }`;
    await writeFile(join(directory.path, "mooring.config.mjs"), `export default { providers: [${provider}] };`);
    expect(await json("providers", "list")).toMatchObject([
      { id: "unix-local" },
      { id: "ssh" },
      { id: "moon", setupHint: "set MOON_KEY" },
    ]);
  });
});

describe("mooring doctor", () => {
  it("tells what this machine has, and what follows from a lack", async () => {
    const { findings } = (await json("doctor")) as { findings: { name: string; status: string }[] };
    const names = findings.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["node", "platform", "perl", "/bin/sh", "tar"]));
    expect(findings.find(({ name }) => name === "node")?.status).toBe("ok");
  });

  it("notices that Perl is hidden", async () => {
    const ended = await runMooring(["doctor"], { env: { PATH: directory.path } });
    expect(ended.code).toBe(0);
    expect(ended.stdout.toString()).toMatch(/lacking +perl +none\n +the helper in sh serves instead/);
  });

  it("opens a session at a destination and tells what it found", async () => {
    const report = await json("doctor", `unix-local:${directory.path}`);
    expect(report).toMatchObject({
      session: {
        providerId: "unix-local",
        workspace: directory.path,
        platform: { pathStyle: "posix" },
        capabilities: { commands: { output: "bytes" } },
      },
    });
  });
});

describe("mooring sessions", () => {
  it("lists none and reaps none where none was left", async () => {
    expect(await json("sessions", "list", `unix-local:${directory.path}`)).toEqual([]);
    expect(await json("sessions", "reap", `unix-local:${directory.path}`)).toEqual({
      reaped: [],
      kept: [],
    });
  });
});

describe("mooring verify", () => {
  it("measures a directory, prints one report, and leaves nothing behind", async () => {
    const report = (await json("verify", `unix-local:${directory.path}`, "--group", "environment")) as {
      total: number;
      failed: number;
      results: { status: string }[];
    };
    expect(report.failed).toBe(0);
    expect(report.total).toBeGreaterThan(0);
    expect(report.results).toHaveLength(report.total);
    expect(await readdir(directory.path)).toEqual([]);
  });

  it("prints each check, the capabilities and the counts for people", async () => {
    const ended = await runMooring(["verify", `unix-local:${directory.path}`, "--group", "environment"], {
      env: directory.env,
    });
    const text = ended.stdout.toString();
    expect(text).toMatch(/^ok +P\d+ +environment\./m);
    expect(text).toContain("commands.kill");
    expect(text).toMatch(/\d+ passed, 0 failed, \d+ skipped of \d+ in/);
  });

  it("takes facts from a module, and refuses one that says something else", async () => {
    const facts = join(directory.path, "facts.mjs");
    const only = ["--only", "loss.calls-settle", "requests.wrong-config", "--facts", facts];
    await writeFile(facts, `export const wrongConfig = { root: "relative" };`);
    expect(await json("verify", `unix-local:${directory.path}`, ...only)).toMatchObject({
      results: [{ status: "passed" }, { status: "skipped", reason: expect.stringContaining("sever") }],
    });
    await writeFile(facts, `export const wrongConfig = 1; export const sever = "yes";`);
    const ended = await runMooring(["verify", `unix-local:${directory.path}`, ...only], { env: directory.env });
    expect(ended).toMatchObject({ code: 2, stderr: expect.stringContaining("expected a function") });
    await rm(facts);
  });
});
