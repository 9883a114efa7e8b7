import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { download, upload } from "@mooring/provider-kit/local";
import type { Scenario } from "../scenario.js";

const small = "words of a small file\n";
const large = Buffer.alloc(600_000, "a line of a large file\n");

/** Every file verb, with streams both ways, and the copies that are made of them. */
export const fileScenarios: readonly Scenario[] = [
  {
    name: "read-and-write",
    run: (stage) =>
      stage.inSession(async ({ files }) => {
        await writeFile(join(stage.root, "old"), small);
        await stage.call("write", () => stage.signalled((options) => files.write("new", small, options)), {
          truth: ({ sizeBytes }) => (sizeBytes === small.length ? undefined : `it wrote ${sizeBytes}`),
        });
        await stage.call("read", () => stage.signalled((options) => files.read("old", options)), {
          truth: ({ contents }) =>
            stage.isLossy || Buffer.from(contents).toString() === small ? undefined : `it read ${contents.length}`,
        });
        await stage.call("stat", () => stage.signalled((options) => files.stat("old", options)), {
          truth: ({ sizeBytes }) => (sizeBytes === small.length ? undefined : `its size is ${sizeBytes}`),
        });
        const written = await readFile(join(stage.root, "new"), "utf8").catch(() => undefined);
        await stage.call("old or new", async () => written, {
          truth: (found) => (found === undefined || found === small ? undefined : `${found.length} bytes are there`),
        });
      }),
  },
  {
    name: "streams",
    run: (stage) =>
      stage.inSession(async ({ files }) => {
        await writeFile(join(stage.root, "old"), large);
        let at = 0;
        const source = new ReadableStream<Uint8Array>({
          pull(controller) {
            controller.enqueue(large.subarray(at, at + 100_000));
            at += 100_000;
            if (at >= large.length) controller.close();
          },
        });
        await stage.call("write", () => stage.signalled((options) => files.write("new", source, options)), {
          truth: ({ sizeBytes }) => (sizeBytes === large.length ? undefined : `it wrote ${sizeBytes}`),
        });
        const read = () =>
          stage.signalled(async (options) => Buffer.concat(await all(await files.readStream("old", options))));
        await stage.call("readStream", read, {
          truth: (bytes) => (stage.isLossy || bytes.equals(large) ? undefined : `it read ${bytes.length}`),
        });
        const written = await readFile(join(stage.root, "new")).catch(() => undefined);
        await stage.call("old or new", async () => written, {
          truth: (found) =>
            found === undefined || found.equals(large) ? undefined : `${found.length} bytes are there`,
        });
      }),
  },
  {
    name: "walk",
    run: (stage) =>
      stage.inSession(async ({ files }) => {
        await makeTree(stage.root);
        const count = (expected: number) => (found: unknown[]) =>
          stage.isLossy || found.length === expected ? undefined : `it found ${found.length} of ${expected}`;
        await stage.call(
          "list",
          () => stage.signalled((options) => all(files.list("tree", { depth: 3, ...options }))),
          {
            truth: count(22),
          },
        );
        await stage.call("glob", () => stage.signalled((options) => all(files.glob("**/*.txt", options))), {
          truth: count(20),
        });
        await stage.call("grep", () => stage.signalled((options) => all(files.grep("line", options))), {
          truth: count(20),
        });
      }),
  },
  {
    name: "change",
    run: (stage) =>
      stage.inSession(async ({ files }) => {
        await makeTree(stage.root);
        const steps: readonly [string, (options: { signal?: AbortSignal }) => Promise<unknown>][] = [
          ["makeDirectory", (options) => files.makeDirectory("made/deep", options)],
          ["copy", (options) => files.copy("tree", "copied", options)],
          ["rename", (options) => files.rename("tree/a0.txt", "renamed", options)],
          ["remove", (options) => files.remove("tree", { recursive: true, ...options })],
        ];
        for (const [label, step] of steps) await stage.call(label, () => stage.signalled(step));
      }),
  },
  {
    name: "watch",
    farSides: ["helper"],
    run: (stage) =>
      stage.inSession(async ({ files }) => {
        const watch = await stage.call("watch", () => files.watch("."));
        if (watch === undefined) return;
        const events = watch[Symbol.asyncIterator]();
        await writeFile(join(stage.root, "appeared"), small);
        await stage.call("next event", () => events.next());
        await stage.call("dispose of a watch", () => watch[Symbol.asyncDispose]());
      }),
  },
  {
    name: "archive",
    run: (stage) =>
      stage.inSession(async ({ files }) => {
        await makeTree(stage.root);
        await mkdir(join(stage.root, "unpacked"));
        const through = () =>
          stage.signalled(async (options) => {
            const archive = await files.archive("tree", options);
            return files.extract("unpacked", archive, { maxEntries: 100, maxTotalBytes: 1_000_000 }, options);
          });
        await stage.call("archive and extract", through, {
          codes: stage.isLossy ? ["corrupt"] : [],
          truth: ({ totalBytes }) => (stage.isLossy || totalBytes === 20 * 18 ? undefined : `${totalBytes} bytes`),
        });
      }),
  },
  {
    name: "upload",
    run: (stage) =>
      stage.inSession(async (session) => {
        const local = join(stage.options.directory, "local");
        await makeTree(local, 2);
        const copied = () => stage.signalled((options) => upload(session, join(local, "tree"), "uploaded", options));
        await stage.call("upload", copied, {
          truth: ({ files }) => (stage.isLossy || files === 4 ? undefined : `it copied ${files} files`),
        });
      }),
  },
  {
    name: "download",
    run: (stage) =>
      stage.inSession(async (session) => {
        await makeTree(stage.root, 2);
        const target = join(stage.options.directory, "downloaded");
        const copied = () => stage.signalled((options) => download(session, "tree", target, options));
        await stage.call("download", copied, {
          codes: stage.isLossy ? ["corrupt"] : [],
          truth: ({ files }) => (stage.isLossy || files === 4 ? undefined : `it copied ${files} files`),
        });
      }),
  },
  {
    name: "restricted",
    run: (stage) =>
      stage.inSession(async (session) => {
        await writeFile(join(stage.root, "old"), small);
        const restricted = session.restricted({ readOnly: true });
        await stage.call("read", () => stage.signalled((options) => restricted.files.read("old", options)), {
          truth: ({ contents }) => (stage.isLossy || contents.length === small.length ? undefined : "it read less"),
        });
        await stage.call("write", () => restricted.files.write("new", small), { codes: ["permission_denied"] });
      }),
  },
];

async function makeTree(directory: string, each = 10): Promise<void> {
  await mkdir(join(directory, "tree/b/c"), { recursive: true });
  for (let index = 0; index < each; index++) {
    await writeFile(join(directory, `tree/a${index}.txt`), "a line of a tree.\n");
    await writeFile(join(directory, `tree/b/c/d${index}.txt`), "a line of a tree.\n");
  }
}

async function all<Item>(items: AsyncIterable<Item> | ReadableStream<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items as AsyncIterable<Item>) found.push(item);
  return found;
}
