import { describe, expect, it } from "vitest";
import { runMooring } from "./support/run-mooring.js";

async function json(args: readonly string[], stdin = ""): Promise<unknown> {
  const ended = await runMooring(args, { stdin });
  expect(ended).toMatchObject({ code: 0, stderr: "" });
  return JSON.parse(ended.stdout.toString()) as unknown;
}

const sixCapabilities = JSON.stringify({
  command_exec: true,
  file_read: true,
  file_write: true,
  port_preview: false,
  snapshots: false,
  cancellation: true,
});

describe("mooring codec", () => {
  it("decodes six capabilities, the others by default", async () => {
    expect(await json(["codec", "decode", "capabilities", sixCapabilities])).toMatchObject({
      commands: { output: "utf8", kill: "process" },
      artifacts: { export: "none" },
      mounts: { s3: "none", providerNative: "none" },
      lifecycle: { pause: "none", detach: "none" },
    });
  });

  it("names a capability that is missing", async () => {
    const ended = await runMooring(["codec", "decode", "capabilities", "{}", "--json"]);
    expect(ended.code).toBe(2);
    expect(JSON.parse(ended.stderr)).toMatchObject({
      error: {
        code: "invalid_request",
        message: "Wrong `file_read` of capabilities: expected true or false, got nothing",
        details: { field: "file_read" },
      },
    });
  });

  it("reads standard input for - and for nothing", async () => {
    const destination = '{"id":"here","provider_id":"unix-local","config":{"snake_case":1}}';
    for (const last of [["-"], []]) {
      expect(await json(["codec", "decode", "destination", ...last], destination)).toEqual({
        id: "here",
        providerId: "unix-local",
        config: { snake_case: 1 },
        defaultManifest: { entries: [], mounts: [] },
      });
    }
  });

  it("prints bytes as base64, and the seed's names spelled either way", async () => {
    const contents = [0, 255, 10];
    expect(await json(["codec", "decode", "file_read_result", JSON.stringify({ path: "a", contents })])).toEqual({
      path: "a",
      contents: "AP8K",
    });
  });

  it("writes back what it read", async () => {
    const decoded = await json(["codec", "decode", "capabilities", sixCapabilities]);
    const encoded = await json(["codec", "encode", "capabilities", JSON.stringify(decoded)]);
    expect(encoded).toMatchObject(JSON.parse(sixCapabilities) as object);
  });

  it("refuses to encode a remote workspace", async () => {
    const ended = await runMooring(["codec", "encode", "remote-workspace", "{}"]);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain("has no JSON form");
  });

  it.each([
    [["codec", "decode", "nope", "{}"], "Expected a type of the seed contract (capabilities, "],
    [["codec", "decode", "constructor", "{}"], "Expected a type of the seed contract"],
    [["codec", "decode", "mount", "{"], "Expected a mount as JSON"],
    [["codec", "decode"], "missing required argument 'type'"],
  ])("says what is wrong with %j, without a stack", async (args, message) => {
    const ended = await runMooring(args);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain(message);
    expect(ended.stderr).not.toMatch(/\n\s+at /);
  });

  it("lists its types", async () => {
    expect(await json(["codec", "types", "--json"])).toHaveLength(21);
  });
});
