import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RemoteRunnerSession, RunnerSessionOptions } from "@mooring/api";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { collect } from "../support/collect.js";
import { childDestination, childProvider } from "../support/child-provider.js";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "mooring-kit-"));
  await mkdir(join(directory, "root"));
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

function open(kind: "bytes" | "text", options?: RunnerSessionOptions): Promise<RemoteRunnerSession> {
  return childProvider(kind, join(directory, "state")).createSession(
    childDestination(join(directory, "root")),
    options,
  );
}

describe.each(["bytes", "text"] as const)("over a channel of %s", (kind) => {
  test("every byte of arguments, input, output and files comes through", async () => {
    await using session = await open(kind);
    const argument = Uint8Array.from({ length: 255 }, (_, index) => index + 1);
    const echoed = await session.commands.run({ program: "printf", args: ["%s", argument] });
    expect(Buffer.from(echoed.stdout.bytes)).toEqual(Buffer.from(argument));
    const contents = randomBytes(1_500_000);
    const { sizeBytes } = await session.files.write("random", contents);
    expect(sizeBytes).toBe(contents.length);
    const read = await session.files.read("random");
    expect(Buffer.compare(read.contents, contents)).toBe(0);
    const streamed = Buffer.concat(await collect(await session.files.readStream("random", { offset: 7 })));
    expect(Buffer.compare(streamed, contents.subarray(7))).toBe(0);
    const through = await session.commands.run({ program: "cat", stdin: contents, maxOutputBytes: 4_000_000 });
    expect(Buffer.compare(through.stdout.bytes, contents)).toBe(0);
  });

  test("a tree is archived, unpacked and found", async () => {
    await using session = await open(kind);
    for (const name of ["a.ts", "src/b.ts", "src/.hidden.ts", "src/deep/c.ts"]) {
      await session.files.write(`tree/${name}`, `contents of ${name}\n`, { createParents: true });
    }
    const archive = await session.files.archive("tree");
    await session.files.makeDirectory("copy");
    const report = await session.files.extract("copy", archive, { maxEntries: 100, maxTotalBytes: 1_000_000 });
    expect(report.skipped).toEqual([]);
    const found = await collect(session.files.glob("**/*.ts", { cwd: "copy" }));
    const names = found.map(({ path }) => path.slice(session.workspace.length + 6)).toSorted();
    expect(names).toEqual(["a.ts", "src/b.ts", "src/deep/c.ts"]);
    const lines = await collect(session.files.grep("of .*/d", { path: "copy" }));
    expect(lines.map(({ line, text }) => [line, text])).toEqual([[1, "contents of src/deep/c.ts"]]);
  });

  test("a port that only the far side reaches is forwarded to one of ours", async () => {
    const server = createServer((request, response) => response.end(`you asked for ${request.url}`));
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    await using session = await open(kind);
    const exposed = await session.ports.expose({ port, readiness: { timeoutMs: 5_000 } });
    expect(exposed.url).not.toBe(`http://127.0.0.1:${port}`);
    const answers = await Promise.all(
      Array.from({ length: 8 }, async (_, index) => (await fetch(`${exposed.url}/${index}`)).text()),
    );
    expect(answers).toEqual(Array.from({ length: 8 }, (_, index) => `you asked for /${index}`));
    await exposed.close();
    await expect(fetch(`${exposed.url}/`)).rejects.toThrowError();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await expect(session.ports.expose({ port, readiness: { timeoutMs: 50 } })).rejects.toMatchObject({
      code: "timeout",
    });
    await expect(session.ports.connect(port)).rejects.toMatchObject({ code: "unavailable" });
  });
});

describe("a session over the resident helper", () => {
  test("runs many commands at once and keeps them apart", async () => {
    await using session = await open("bytes");
    const results = await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        session.commands.run({ script: `echo ${index}; echo e${index} >&2; exit ${index}` }),
      ),
    );
    for (const [index, result] of results.entries()) {
      expect(result.exit).toEqual({ kind: "code", code: index });
      expect([result.stdout.text(), result.stderr.text()]).toEqual([`${index}\n`, `e${index}\n`]);
    }
  });

  test("holds up the command whose reader has stopped, and no other", async () => {
    await using session = await open("bytes");
    const held = await session.commands.start({
      script: "head -c 8000000 /dev/zero; touch finished",
      output: "stream",
    });
    const reader = held.stdout.getReader();
    await reader.read();
    for (let count = 0; count < 20; count++) await session.commands.run({ program: "true" });
    await expect(session.files.stat("finished")).rejects.toMatchObject({ code: "not_found" });
    let next = await reader.read();
    while (!next.done) next = await reader.read();
    expect((await held.result()).stdout.totalBytes).toBe(8_000_000);
    expect((await session.files.stat("finished")).type).toBe("file");
  });

  test("lists a script by the script", async () => {
    await using session = await open("bytes");
    await using command = await session.commands.start({ script: "sleep 30", graceMs: 0 });
    expect(await session.commands.list()).toMatchObject([
      { commandId: command.commandId, pid: command.pid, state: "running", program: "sleep 30", durable: false },
    ]);
  });

  test("ends a command whose input fails to come, and lets go of input that nobody reads", async () => {
    await using session = await open("bytes");
    const failing = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.error(new Error("the source broke")),
    });
    expect(await session.commands.run({ program: "cat", stdin: failing })).toMatchObject({ reason: "cancelled" });
    let isCancelled = false;
    const endless = new ReadableStream<Uint8Array>({ cancel: () => void (isCancelled = true) });
    expect(await session.commands.run({ program: "true", stdin: endless })).toMatchObject({ reason: "exited" });
    expect(isCancelled).toBe(true);
  });

  test.each([1, 10, 20, 30, 40])("that is aborted %i ms into its opening leaves no state behind", async (delayMs) => {
    const controller = new AbortController();
    const opening = open("bytes", { signal: controller.signal });
    // Not at once: the helper is to have begun. Wherever the abort finds it, nothing may be left.
    setTimeout(() => controller.abort(), delayMs);
    const session = await opening.catch((error: unknown) => {
      expect(error).toMatchObject({ code: "cancelled" });
    });
    await session?.destroy();
    const state = await readdir(join(directory, "state", "mooring")).catch(() => []);
    expect(state).toEqual([]);
  });
});
