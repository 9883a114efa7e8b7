import { RunnerError } from "@mooring/api";
import { describe, expect, it } from "vitest";
import { memoryProvider } from "@mooring/conformance/doubles";

const destination = {
  id: "here",
  providerId: "memory",
  config: {},
  defaultManifest: { entries: [], mounts: [] },
};

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return RunnerError.is(error) ? error.code : `no RunnerError: ${String(error)}`;
}

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const collected: Item[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

describe("the memory provider", () => {
  it("keeps files by their bytes and refuses to leave its roots", async () => {
    const provider = memoryProvider({ files: { "/workspace-evil/a": "x" } });
    const { files } = await provider.createSession(destination);
    await files.write(new Uint8Array([0x64, 0xff]), new Uint8Array([0, 255]));
    await files.write("deep/er/b.ts", "const b = 1;\n", { createParents: true });
    expect((await files.read(new Uint8Array([0x64, 0xff]))).contents).toEqual(new Uint8Array([0, 255]));
    expect(await codeOf(files.read("/workspace-evil/a"))).toBe("path_escape");
    expect(await codeOf(files.read("../workspace-evil/a"))).toBe("path_escape");
    expect((await collect(files.glob("**/*.ts"))).map(({ path }) => path)).toEqual(["/workspace/deep/er/b.ts"]);
    expect((await collect(files.grep("const"))).map(({ line }) => line)).toEqual([1]);
  });

  it("runs scripted programs and says how they ended", async () => {
    const provider = memoryProvider({
      commands: {
        greet: ({ args, env }) => ({ stdout: `${args.join(" ")} ${env["WHO"]}\n`, exit: 3 }),
        forever: async ({ signal }) => {
          await new Promise((resolve) => signal.addEventListener("abort", resolve));
          return {};
        },
      },
    });
    const { commands } = await provider.createSession(destination, { env: { WHO: "you" } });
    const result = await commands.run({ program: "greet", args: ["hello"] });
    expect(result.stdout.text()).toBe("hello you\n");
    expect(result.exit).toEqual({ kind: "code", code: 3 });
    const late = await commands.run({ program: "forever", timeoutMs: 1 });
    expect(late).toMatchObject({ reason: "timeout", exit: { kind: "signal", signal: "SIGTERM" } });
    expect(await codeOf(commands.run({ program: "nowhere" }))).toBe("not_found");
  });

  it("keeps the head and the tail of output that is too long, and counts the rest", async () => {
    const provider = memoryProvider({ commands: { digits: () => ({ stdout: "0123456789" }) } });
    const { commands } = await provider.createSession(destination);
    const { stdout } = await commands.run({ program: "digits", maxOutputBytes: 4 });
    expect(stdout.text()).toBe("0189");
    expect(stdout).toMatchObject({ totalBytes: 10, droppedBytes: 6, truncated: true, headBytes: 2 });
  });

  it("says what was lost when its connection breaks, and can be resumed", async () => {
    const provider = memoryProvider({ files: { "/workspace/a": "kept" } });
    const session = await provider.createSession(destination);
    provider.loseConnection(session.id);
    expect(await session.ended).toMatchObject({ reason: "lost", error: { code: "disconnected" } });
    expect(await codeOf(session.files.read("a"))).toBe("ended");
    const resumed = await provider.resumeSession(destination, session.state());
    expect(resumed.outcome).toBe("reattached");
    expect(new TextDecoder().decode((await resumed.session.files.read("a")).contents)).toBe("kept");
  });
});
