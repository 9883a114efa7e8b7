import { describe, expect, test } from "vitest";
import { orchestratorDefaults } from "../src/index.js";
import { boundThread } from "./support/bound-thread.js";
import { memoryPlace } from "./support/memory-place.js";
import { textOf } from "./support/text-of.js";

const numbers = Array.from({ length: 30_000 }, (_, index) => `line ${index + 1}`);
const files = {
  "/workspace/a.txt": "one\ntwo\nthree\n",
  "/workspace/no-end.txt": "one\ntwo",
  "/workspace/empty.txt": "",
  "/workspace/long.txt": `${numbers.join("\n")}\n`,
  "/workspace/wide.txt": `${"x".repeat(20_000)}\nshort\n`,
  "/workspace/blob.bin": Uint8Array.from({ length: 256 }, (_, index) => index),
  "/workspace/dos.txt": "one\r\ntwo\r\n",
  "/workspace/latin.txt": Uint8Array.from([0x63, 0x61, 0x66, 0xe9, 0x0a, 0x61, 0x0a]),
  "/workspace/src/main.ts": "export const answer = 42;\n",
  "/workspace/src/.hidden": "answer\n",
  "/usr/share/words": "alpha\nbeta\n",
  "/secret/key": "never",
};

const thread = async () => (await boundThread(memoryPlace({ files }))).thread;

describe("read_file", () => {
  test("gives lines with their numbers for the model, and as they are for a program", async () => {
    const result = await (await thread()).call("read_file", { path: "a.txt" });
    expect(result).toMatchObject({
      ok: true,
      content: "1\tone\n2\ttwo\n3\tthree",
      truncated: null,
      data: { path: "a.txt", text: "one\ntwo\nthree", startLine: 1, endLine: 3, nextOffset: null, sizeBytes: 14 },
    });
  });

  test("gives the lines asked for, and where to go on", async () => {
    const result = await (await thread()).call("read_file", { path: "a.txt", offset: 2, limit: 1, lineNumbers: false });
    expect(result.content).toBe("two\n[6 bytes in 1 lines follow; go on with offset 3]");
    expect(result).toMatchObject({ truncated: { bytes: 6, lines: 1 }, data: { nextOffset: 3 } });
  });

  test("gives a last line that has no end", async () => {
    expect((await (await thread()).call("read_file", { path: "no-end.txt", offset: 2 })).content).toBe("2\ttwo");
  });

  test("tells of an empty file, and of lines past the end", async () => {
    const reader = await thread();
    expect((await reader.call("read_file", { path: "empty.txt" })).content).toBe("[the file is empty]");
    expect((await reader.call("read_file", { path: "a.txt", offset: 9 })).content).toBe(
      "[the file has 3 lines, none from 9 on]",
    );
  });

  test("gives a whole long file in parts, each within bounds and none twice", async () => {
    const reader = await thread();
    const seen: string[] = [];
    for (let offset: unknown = 1; offset !== null;) {
      const page = await reader.call("read_file", { path: "long.txt", offset, limit: 100_000 });
      expect(Buffer.byteLength(page.content)).toBeLessThanOrEqual(orchestratorDefaults.toolResultBytes);
      seen.push(...textOf(page, "text").split("\n"));
      offset = page.data?.["nextOffset"];
    }
    expect(seen).toEqual(numbers);
  });

  test("finds lines far behind what one read brings", async () => {
    const { content } = await (await thread()).call("read_file", { path: "long.txt", offset: 29_999 });
    expect(content).toBe("29999\tline 29999\n30000\tline 30000");
  });

  test("cuts a line that is too long and says how to read it", async () => {
    const { content } = await (await thread()).call("read_file", { path: "wide.txt" });
    expect(content).toContain("[... 3616 bytes of this line left out ...]\n2\tshort");
    expect(content).toContain("1 long lines were cut; byteOffset and maxBytes read all of them");
  });

  test("tells of a binary file, and gives its bytes as base64", async () => {
    const reader = await thread();
    const told = await reader.call("read_file", { path: "blob.bin" });
    expect(told).toMatchObject({ ok: true, data: { binary: true, sizeBytes: 256 } });
    expect(told.content).toContain("is a binary file of 256 bytes");
    const range = await reader.call("read_file", { path: "blob.bin", encoding: "base64", byteOffset: 250 });
    expect(Buffer.from(textOf(range, "text"), "base64")).toEqual(Buffer.from([250, 251, 252, 253, 254, 255]));
  });

  test("gives a range of bytes, and never half a character", async () => {
    const reader = await thread();
    await reader.call("write_file", { path: "euro.txt", content: "a€b" });
    const first = await reader.call("read_file", { path: "euro.txt", byteOffset: 0, maxBytes: 3 });
    expect(first.data).toMatchObject({ text: "a", nextByteOffset: 1 });
    const second = await reader.call("read_file", { path: "euro.txt", byteOffset: 1, maxBytes: 3 });
    expect(second.data).toMatchObject({ text: "€", nextByteOffset: 4 });
    expect(second.truncated).toEqual({ bytes: 1, lines: null });
  });

  test("reads under a read root, which nothing else may touch", async () => {
    const reader = await thread();
    expect((await reader.call("read_file", { path: "/usr/share/words" })).content).toBe("1\talpha\n2\tbeta");
    for (const [tool, args] of [
      ["write_file", { path: "/usr/share/words", content: "" }],
      ["edit_file", { path: "/usr/share/words", oldText: "alpha", newText: "x" }],
      ["read_file", { path: "/secret/key" }],
      ["list_files", { path: "/" }],
      ["grep", { path: "/secret", pattern: "." }],
      ["glob", { path: "/secret", pattern: "*" }],
    ] as const) {
      expect(await reader.call(tool, args)).toMatchObject({ ok: false, error: { code: "path_escape" } });
    }
    expect((await reader.call("read_file", { path: "/usr/share/words" })).content).toBe("1\talpha\n2\tbeta");
  });

  test("refuses lines and bytes at once, and tells of what is not there", async () => {
    const reader = await thread();
    expect(await reader.call("read_file", { path: "a.txt", offset: 1, byteOffset: 0 })).toMatchObject({
      error: { code: "invalid_request" },
    });
    expect(await reader.call("read_file", { path: "nope" })).toMatchObject({ error: { code: "not_found" } });
    expect(await reader.call("read_file", { path: "src" })).toMatchObject({ ok: false });
  });
});

describe("write_file", () => {
  test("makes what is on the way, and takes every byte as base64", async () => {
    const writer = await thread();
    const bytes = Buffer.from(Uint8Array.from({ length: 256 }, (_, index) => index));
    const written = await writer.call("write_file", {
      path: "new/deep/x.bin",
      content: bytes.toString("base64"),
      encoding: "base64",
    });
    expect(written).toMatchObject({ ok: true, content: "Wrote 256 bytes to new/deep/x.bin." });
    const range = await writer.call("read_file", { path: "new/deep/x.bin", encoding: "base64" });
    expect(Buffer.from(textOf(range, "text"), "base64")).toEqual(bytes);
    expect(await writer.call("write_file", { path: "x", content: "a*b", encoding: "base64" })).toMatchObject({
      error: { code: "invalid_request" },
    });
  });

  test("writes over the version that is expected only", async () => {
    const writer = await thread();
    const { data } = await writer.call("read_file", { path: "a.txt" });
    const ifVersion = data?.["version"];
    expect(await writer.call("write_file", { path: "a.txt", content: "1", ifVersion })).toMatchObject({ ok: true });
    for (const stale of [ifVersion, null]) {
      expect(await writer.call("write_file", { path: "a.txt", content: "2", ifVersion: stale })).toMatchObject({
        error: { code: "conflict" },
      });
    }
    expect((await writer.call("read_file", { path: "a.txt" })).content).toBe("1\t1");
  });
});

describe("edit_file", () => {
  test("replaces a text that is there once, and leaves every other byte alone", async () => {
    const place = memoryPlace({ files });
    const { thread: editor } = await boundThread(place);
    expect(await editor.call("edit_file", { path: "latin.txt", oldText: "a\n", newText: "b$&\n" })).toMatchObject({
      ok: true,
      content: "Replaced the text in latin.txt in line 2.",
    });
    const { contents } = (await place.sessions[0]?.files.read("latin.txt")) ?? {};
    expect(Buffer.from(contents ?? [])).toEqual(Buffer.from([0x63, 0x61, 0x66, 0xe9, 0x0a, 0x62, 0x24, 0x26, 0x0a]));
  });

  test("replaces every occurrence when asked to, and refuses to choose among many", async () => {
    const editor = await thread();
    await editor.call("write_file", { path: "x", content: "ab ab\nab" });
    const ambiguous = await editor.call("edit_file", { path: "x", oldText: "ab", newText: "c" });
    expect(ambiguous.content).toBe(
      "conflict: `oldText` is in x 3 times, in lines 1, 1, 2: give more of the text around it, or `replaceAll`",
    );
    const all = await editor.call("edit_file", { path: "x", oldText: "ab", newText: "aba", replaceAll: true });
    expect(all).toMatchObject({ ok: true, data: { replacements: 3 } });
    expect((await editor.call("read_file", { path: "x" })).data).toMatchObject({ text: "aba aba\naba" });
  });

  test.each([
    ["a.txt", "twoo", "line 2 is similar:\ntwo"],
    [
      "src/main.ts",
      "  export  const answer = 42;",
      "line 1 is the same but for white space:\nexport const answer = 42;",
    ],
    ["a.txt", "one\ntwoo\nthree", "lines 1 to 3 are similar:\none\ntwo\nthree"],
    ["a.txt", "completely different", "Nothing in the file is like it."],
    ["dos.txt", "one\ntwo", "The file's lines end in CR LF (\\r\\n), those of `oldText` in LF."],
  ])("shows for %s what is nearest to %j", async (path, oldText, hint) => {
    const { ok, content, error } = await (await thread()).call("edit_file", { path, oldText, newText: "x" });
    expect({ ok, code: error?.code }).toEqual({ ok: false, code: "conflict" });
    expect(content).toContain(`\`oldText\` is not in ${path}.`);
    expect(content.endsWith(hint)).toBe(true);
  });

  test("is a conflict when the file changes between its read and its write", async () => {
    const place = memoryPlace({ files });
    const { thread: editor } = await boundThread(place);
    await editor.call("list_files", {});
    const session = place.sessions[0];
    if (session === undefined) throw new Error("no session");
    const read = session.files.read.bind(session.files);
    const write = session.files.write.bind(session.files);
    session.files.read = async (path, options) => {
      const before = await read(path, options);
      await write(path, "somebody else's\n");
      return before;
    };
    const edited = await editor.call("edit_file", { path: "a.txt", oldText: "two", newText: "2" });
    expect(edited).toMatchObject({ ok: false, error: { code: "conflict" } });
    expect(Buffer.from((await read("a.txt")).contents).toString()).toBe("somebody else's\n");
  });

  test("applies both of two edits at once, also by two threads on one workspace", async () => {
    const place = memoryPlace({ files });
    const { thread: first, orchestrator } = await boundThread(place);
    await orchestrator.bind("t2", { destination: { providerId: "memory" } });
    const edits = await Promise.all([
      first.call("edit_file", { path: "a.txt", oldText: "one", newText: "1" }),
      orchestrator.thread("t2").call("edit_file", { path: "a.txt", oldText: "two", newText: "2" }),
      first.call("edit_file", { path: "a.txt", oldText: "three", newText: "3" }),
    ]);
    expect(edits.map((edit) => edit.ok)).toEqual([true, true, true]);
    expect(place.created).toHaveLength(2);
    expect((await first.call("read_file", { path: "a.txt" })).data).toMatchObject({ text: "1\n2\n3" });
  });

  test("refuses an edit that changes nothing, and one of nothing", async () => {
    const editor = await thread();
    for (const args of [
      { path: "a.txt", oldText: "one", newText: "one" },
      { path: "a.txt", oldText: "", newText: "x" },
    ]) {
      expect(await editor.call("edit_file", args)).toMatchObject({ error: { code: "invalid_request" } });
    }
  });
});

describe("list_files, glob and grep", () => {
  test("list a directory with kinds and sizes", async () => {
    const { content } = await (await thread()).call("list_files", { path: "src" });
    expect(content).toBe("src/.hidden\t7\nsrc/main.ts\t26");
    const { content: top } = await (await thread()).call("list_files", { exclude: ["*.txt"] });
    expect(top).toBe("blob.bin\t256\nsrc/");
  });

  test("say when there is more, or nothing", async () => {
    const lister = await thread();
    const cut = await lister.call("list_files", { limit: 2 });
    expect(cut.content.split("\n").at(-1)).toBe("[there are more than these 2; narrow it down or raise `limit`]");
    expect(cut).toMatchObject({ truncated: { bytes: 0, lines: null }, data: { count: 2, more: true } });
    expect((await lister.call("glob", { pattern: "*.none" })).content).toBe("[nothing matches]");
    expect((await lister.call("grep", { pattern: "zzz" })).content).toBe("[no line matches]");
  });

  test("keep to the bound of a result and count what they leave out", async () => {
    const result = await (await thread()).call("grep", { pattern: "line", limit: 100_000 });
    expect(Buffer.byteLength(result.content)).toBeLessThanOrEqual(orchestratorDefaults.toolResultBytes);
    const items = result.data?.["items"];
    const shown = Array.isArray(items) ? items.length : 0;
    expect(result.truncated?.lines).toBe(30_000 - shown);
    expect(result.content.split("\n").at(-1)).toBe(
      `[... ${result.truncated?.bytes} bytes in ${30_000 - shown} lines left out ...]`,
    );
  });

  test("find files by pattern, hidden ones only when asked to", async () => {
    const finder = await thread();
    expect((await finder.call("glob", { pattern: "src/**" })).data).toMatchObject({ items: [{ path: "src/main.ts" }] });
    expect((await finder.call("glob", { pattern: "**", path: "src", includeHidden: true })).data).toMatchObject({
      items: [{ path: "src/.hidden" }, { path: "src/main.ts" }],
    });
    for (const pattern of ["/etc/*", "../*", "a/../../*"]) {
      expect(await finder.call("glob", { pattern })).toMatchObject({ error: { code: "invalid_request" } });
    }
  });

  test("find lines with path and number", async () => {
    const finder = await thread();
    expect((await finder.call("grep", { pattern: "ANSWER", ignoreCase: true })).content).toBe(
      "src/main.ts:1:export const answer = 42;",
    );
    expect((await finder.call("grep", { pattern: "a", path: "/usr/share", include: "words" })).content).toBe(
      "/usr/share/words:1:alpha\n/usr/share/words:2:beta",
    );
    expect((await finder.call("grep", { pattern: "(", literal: true })).ok).toBe(true);
    expect(await finder.call("grep", { pattern: "(" })).toMatchObject({ error: { code: "invalid_request" } });
  });
});

test("expose_port refuses what is no port, and a place that has none", async () => {
  const exposer = await thread();
  for (const port of [0, 65_536, 1.5, "80"]) {
    expect(await exposer.call("expose_port", { port })).toMatchObject({ error: { code: "invalid_request" } });
  }
  expect(await exposer.call("expose_port", { port: 80 })).toMatchObject({ error: { code: "unsupported" } });
});

test("Every tool has a name, a description and a schema of draft 2020-12 that knows its fields only", async () => {
  const { tools } = await thread();
  expect(tools.map((tool) => tool.name)).toEqual([
    "exec_command",
    "write_stdin",
    "kill_command",
    "read_file",
    "write_file",
    "edit_file",
    "list_files",
    "glob",
    "grep",
    "expose_port",
  ]);
  for (const { description, inputSchema } of tools) {
    expect(description.length).toBeGreaterThan(40);
    expect(inputSchema).toMatchObject({
      $schema: "https://json-schema.org/draft/2020-12/schema",
      type: "object",
      additionalProperties: false,
    });
  }
  expect(tools[5]?.inputSchema).toMatchObject({ required: ["path", "oldText", "newText"] });
});
