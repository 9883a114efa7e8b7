import type { Check } from "../../check.js";
import { needsAll, needsCommands, needsFiles } from "../../check.js";
import type { CheckContext } from "../../check-context.js";
import { collectBytes, collectItems, streamOf } from "../../support/collect.js";
import { until } from "../../support/deadline.js";
import { writeTar } from "../../support/tar-writer.js";
import { answersWithin, settlesTyped, startReadyIn } from "./support.js";

const limits = { maxEntries: 100, maxTotalBytes: 1_000_000 };

/** Every verb that could open what lies at a path, and wait there for ever. */
async function meetAll(context: CheckContext, name: string): Promise<void> {
  const directory = await context.directory();
  const { files } = context.session;
  const path = `${directory}/${name}`;
  await context.rejects(`reading ${name}`, () => files.read(path), "invalid_request");
  await context.rejects(`streaming ${name}`, async () => collectBytes(await files.readStream(path)), "invalid_request");
  await settlesTyped(context, `searching ${name}`, () => collectItems(files.grep("x", { path })));
  await settlesTyped(context, `searching around ${name}`, () => collectItems(files.grep("x", { path: directory })));
  await settlesTyped(context, `copying ${name}`, () => files.copy(path, `${path}-copied`));
  await settlesTyped(context, `copying over ${name}`, () => files.copy(`${directory}/plain`, path));
  const listed = await collectItems(files.list(directory));
  const found = listed.find((info) => info.path === path);
  context.that(`${name} in the listing`, found?.type === "other" || found?.type === "file", found);
}

export const specialFileChecks: readonly Check[] = [
  {
    id: "hostile.fifo-holds-nothing-up",
    title: "A FIFO at a path hangs no verb: each works or is refused",
    needs: needsAll(needsFiles, needsCommands),
    tools: ["sh", "mkfifo"],
    async run(context) {
      const directory = await context.directory();
      const { files } = context.session;
      await files.write(`${directory}/plain`, "x");
      await context.shText("mkfifo fifo; ln fifo second 2>/dev/null; ln -s fifo link");
      await context.rejects("reading a link to one", () => files.read(`${directory}/link`), "invalid_request");
      await meetAll(context, "fifo");
      await context.shText("rm -f over; mkfifo over");
      await settlesTyped(context, "writing over one", () => files.write(`${directory}/over`, "new"));
      await settlesTyped(context, "moving one", () => files.rename(`${directory}/second`, `${directory}/moved`));
      await files.remove(directory, { recursive: true });
      await context.rejects("the directory, removed", () => files.stat(directory), "not_found");
      await files.makeDirectory(directory);
    },
  },
  {
    id: "hostile.sockets-and-devices",
    title: "A socket, a device and a link to one hang no verb and give no endless contents",
    needs: needsAll(needsFiles, needsCommands),
    tools: ["sh"],
    async run(context) {
      const directory = await context.directory();
      const { files } = context.session;
      await files.write(`${directory}/plain`, "x");
      const bind = {
        perl: `perl -MSocket -e 'socket(S, PF_UNIX, SOCK_STREAM, 0); bind(S, sockaddr_un("socket")) or die; listen(S, 1)'`,
        python3: `python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("socket")'`,
      };
      const tool = context.tools.has("perl") ? "perl" : "python3";
      const made = context.tools.has(tool) && (await context.sh(bind[tool])).exit;
      if (made !== false && made.kind === "code" && made.code === 0) await meetAll(context, "socket");
      const device = (await context.sh("mknod zero c 1 5")).exit;
      if (device.kind === "code" && device.code === 0) await meetAll(context, "zero");
      await context.shText("ln -s /dev/zero endless; ln -s /proc/self/environ proc");
      for (const name of ["endless", "proc"]) {
        await context.rejects(`a link to ${name}`, () => files.read(`${directory}/${name}`), "path_escape");
        const found = await settlesTyped(context, `searching ${name}`, () =>
          collectItems(files.grep(".", { path: `${directory}/${name}` })),
        );
        context.equal(`what was found in ${name}`, found ?? [], []);
      }
    },
  },
  {
    id: "hostile.extract-over-special-files",
    title: "Unpacking over a FIFO or through a link replaces it or is refused, and hangs nowhere",
    needs: needsAll(needsFiles, needsCommands, (capabilities) =>
      capabilities.files.archive === "tar" ? undefined : "files.archive is none",
    ),
    tools: ["sh", "mkfifo", "ln", "cat"],
    async run(context) {
      const directory = await context.directory();
      const { files } = context.session;
      await context.shText("mkdir to target; mkfifo to/fifo; ln -s ../target to/link; echo old > target/file");
      const archive = writeTar([
        { name: "fifo", contents: "new" },
        { name: "link", contents: "new" },
      ]);
      await settlesTyped(context, "over them", () => files.extract(`${directory}/to`, streamOf(archive), limits));
      const through = writeTar([{ name: "link/file", contents: "new" }]);
      await context.shText("rm -rf to/link; ln -s ../target to/link");
      await settlesTyped(context, "through a link", () => files.extract(`${directory}/to`, streamOf(through), limits));
      context.equal("the file behind the link", await context.shText("cat target/file"), "old\n");
    },
  },
  {
    id: "hostile.sparse-terabyte",
    title: "A file of a terabyte costs what is asked of it: limits hold at the source, and what is let go ends",
    needs: needsAll(needsFiles, needsCommands),
    tools: ["sh", "dd"],
    deadlineMs: 40_000,
    async run(context) {
      const directory = await context.directory();
      const { files } = context.session;
      const size = 2 ** 40;
      const made = await context.sh(`echo needle > huge && dd if=/dev/null of=huge bs=1 seek=${size} count=0`);
      if (made.exit.kind !== "code" || made.exit.code !== 0) return context.skip("no file of a terabyte can be made");
      const path = `${directory}/huge`;
      context.equal("its size", (await files.stat(path)).sizeBytes, size);
      const part = await context.settles("reading a part", files.read(path, { maxBytes: 7 }), 3_000);
      context.bytes("the part", part.contents, "needle\n");
      context.equal("the whole size and that there is more", [part.sizeBytes, part.truncated], [size, true]);
      const end = await context.settles(
        "reading the end",
        files.read(path, { offset: size - 10, maxBytes: 100 }),
        3_000,
      );
      context.bytes("the end", end.contents, new Uint8Array(10));
      const reader = (await files.readStream(path)).getReader();
      const first = await context.settles("the first of a stream", reader.read());
      context.that("something in it", (first.value?.length ?? 0) > 0, first.value?.length);
      await context.settles("letting the stream go", reader.cancel());
      const abort = new AbortController();
      let copied = false;
      const calls = {
        copying: files.copy(path, `${directory}/copied`, { signal: abort.signal }).then(() => {
          // A place that copies holes as holes is done at once.
          copied = true;
        }),
        searching: collectItems(files.grep("nowhere", { path, signal: abort.signal })),
      };
      const outcomes = Object.entries(calls).map(([asked, call]) =>
        context.outcome<unknown>(`${asked} until aborted`, () => call),
      );
      await answersWithin(context, 2_000, 3, () => files.stat(path));
      abort.abort(new Error("enough"));
      await Promise.all(outcomes);
      const names = await until(
        5_000 * context.slowness,
        async () => (await collectItems(files.list(directory))).map((info) => info.path),
        (found) => found.length === (copied ? 2 : 1),
      );
      context.equal("what lies there", names, copied ? [`${directory}/copied`, path] : [path]);
    },
  },
  {
    id: "hostile.file-changes-while-read",
    title: "A file that grows and shrinks while it is read, copied and archived gives whole answers or typed errors",
    needs: needsAll(needsFiles, needsCommands),
    tools: ["sh", "dd", "head", "tr", "cat", "sleep"],
    async run(context) {
      const directory = await context.directory();
      const { files } = context.session;
      await startReadyIn(context, context.session, {
        script: `head -c 900000 /dev/zero | tr '\\0' x > source; cat source > changing; echo ready
while :; do : > changing; cat source >> changing; dd if=source of=changing bs=100000 count=3 2>/dev/null; done`,
        cwd: directory,
        timeoutMs: 15_000 * context.slowness,
        graceMs: 0,
      });
      const path = `${directory}/changing`;
      const onlyX = (bytes: Uint8Array) => bytes.every((byte) => byte === 0x78);
      const end = performance.now() + 8_000 * context.slowness;
      for (let round = 0; round < 15 && performance.now() < end; round += 1) {
        const read = await settlesTyped(context, "read", () => files.read(path));
        if (read !== undefined) {
          context.that("only what was written", onlyX(read.contents) && read.contents.length <= 900_000, read.contents);
        }
        const streamed = await settlesTyped(context, "readStream", async () =>
          collectBytes(await files.readStream(path)),
        );
        if (streamed !== undefined) context.that("only what was written, streamed", onlyX(streamed), streamed);
        await settlesTyped(context, "copy", () => files.copy(path, `${directory}/copy-${round}`));
        if (context.capabilities.files.archive !== "tar") continue;
        const archive = await settlesTyped(context, "archive", async () => collectBytes(await files.archive(path)));
        if (archive === undefined) continue;
        context.equal("the archive's length in blocks of 512", archive.length % 512, 0);
        await files.makeDirectory(`${directory}/to-${round}`);
        const report = await settlesTyped(context, "extracting it", () =>
          files.extract(`${directory}/to-${round}`, streamOf(archive), limits),
        );
        context.equal("entries of the archive", report?.entries, 1);
      }
    },
  },
];
