import { type Check, needsAll, needsCommands, needsFiles, needsMode } from "../../check.js";
import { collectBytes, collectItems, decode, patternBytes, streamOf } from "../../support/collect.js";
import { type TarEntry, writeTar } from "../../support/tar-writer.js";
import { settlesTyped } from "./support.js";
import { surroundings } from "../confinement/outside.js";

const needsArchive = needsAll(needsFiles, needsMode("files", "archive", "tar"));
const limits = { maxEntries: 50, maxTotalBytes: 100_000 };

const pax = (...records: string[]): TarEntry => ({
  name: "pax",
  type: "x",
  contents: records
    .map((record) => {
      let length = record.length + 3;
      while (`${length} ${record}\n`.length !== length) length = `${length} ${record}\n`.length;
      return `${length} ${record}\n`;
    })
    .join(""),
});

/** Archives that lie, and whether they must be refused. */
const archives: readonly (readonly [what: string, entries: readonly TarEntry[]])[] = [
  ["the same name ten times", Array.from({ length: 10 }, (_, index) => ({ name: "same", contents: `${index}` }))],
  [
    "a link, then a file through it",
    [
      { name: "l", type: "2", linkName: "../outside" },
      { name: "l/secret", contents: "x" },
    ],
  ],
  [
    "a link inside, then a file through it",
    [
      { name: "l", type: "2", linkName: "inside" },
      { name: "l", contents: "x" },
    ],
  ],
  [
    "a link to a link out",
    [
      { name: "a", type: "2", linkName: "b" },
      { name: "b", type: "2", linkName: ".." },
      { name: "a/outside/secret", contents: "x" },
    ],
  ],
  [
    "a directory that becomes a link",
    [
      { name: "d", type: "5" },
      { name: "d", type: "2", linkName: "../outside" },
      { name: "d/secret", contents: "x" },
    ],
  ],
  [
    "a hard link to a file outside",
    [
      { name: "h", type: "1", linkName: "../outside/secret" },
      { name: "h", contents: "x" },
    ],
  ],
  [
    "a hard link to a link out",
    [
      { name: "l", type: "2", linkName: "../outside/secret" },
      { name: "h", type: "1", linkName: "l" },
      { name: "h", contents: "x" },
    ],
  ],
  ["a name by pax that climbs", [pax("path=../outside/secret"), { name: "plain", contents: "x" }]],
  ["an absolute name by pax", [pax("path=/tmp/mooring-check-absolute"), { name: "plain", contents: "x" }]],
  ["a link target by pax", [pax("linkpath=../outside"), { name: "l", type: "2" }, { name: "l/secret", contents: "x" }]],
  [
    "a GNU long name that climbs",
    [{ name: "././@LongLink", type: "L", contents: "../outside/secret\0" }, { name: "p" }],
  ],
  ["a size by pax that is none", [pax("size=-5"), { name: "plain", contents: "x" }]],
  ["a size by pax past everything", [pax("size=99999999999999999999"), { name: "plain", contents: "x" }]],
  ["a pax record that lies about its length", [{ name: "pax", type: "x", contents: "999 path=x\n" }, { name: "p" }]],
  ["a name of `.`, of `..` and none", [{ name: ".", type: "5", mode: 0 }, { name: "..", type: "5" }, { name: "" }]],
  ["unknown types", Array.from("8ABDMNSVZ").map((type) => ({ name: `type-${type}`, type, contents: "x" }))],
];

/** What an archive, or whoever sends it, can do to the one that unpacks it. */
export const hostileArchiveChecks: readonly Check[] = [
  {
    id: "hostile.archives-that-lie",
    title: "Archives with doubled names, links to be followed, and lying headers are unpacked inside or refused",
    needs: needsAll(needsArchive, needsCommands),
    tools: ["sh"],
    async run(context) {
      const place = await surroundings(context);
      const before = await place.look();
      const { files } = place.session;
      for (const [index, [what, entries]] of archives.entries()) {
        const into = `to-${index}`;
        await files.makeDirectory(into);
        const report = await settlesTyped(
          context,
          what,
          () => files.extract(into, streamOf(writeTar(entries)), limits),
          "path_escape",
          "corrupt",
          "invalid_request",
          "already_exists",
          "not_found",
        );
        context.note(`${what}, skipped`, report?.skipped.length ?? "refused");
        context.equal(`what lies outside after ${what}`, await place.look(), before);
      }
      const wide = (await collectItems(files.list(".", { depth: 9 }))).filter(({ mode }) => (mode & 0o7000) !== 0);
      context.equal(
        "entries with set-id bits",
        wide.filter(({ type }) => type === "file"),
        [],
      );
    },
  },
  {
    id: "hostile.archive-bombs",
    title: "An archive that claims a terabyte, or has a million entries, is refused at the limit and leaves little",
    needs: needsArchive,
    async run(context) {
      const directory = await context.directory();
      const { files } = context.session;
      for (const name of ["size", "count"]) await files.makeDirectory(`${directory}/${name}`);
      let sent = 0;
      let cancelled = false;
      const endless = (first: Uint8Array, more: () => Uint8Array) =>
        new ReadableStream<Uint8Array>({
          pull(controller) {
            const piece = sent === 0 ? first : more();
            sent += piece.length;
            controller.enqueue(piece);
          },
          cancel() {
            cancelled = true;
          },
        });
      const zeros = new Uint8Array(65_536).fill(0x78);
      const claims = writeTar([{ name: "bomb", sizeBytes: 2 ** 32 }]).subarray(0, 512);
      await context.rejects(
        "contents without an end",
        () =>
          files.extract(
            `${directory}/size`,
            endless(claims, () => zeros),
            limits,
          ),
        "resource_exhausted",
      );
      context.that("little to be taken of it", sent < 50_000_000, sent);
      context.that("its source to be let go", cancelled, "it was not");
      const entry = writeTar([{ name: "entry", contents: "x" }]).subarray(0, 1_024);
      sent = 0;
      await context.rejects(
        "entries without an end",
        () =>
          files.extract(
            `${directory}/count`,
            endless(entry, () => entry),
            limits,
          ),
        "resource_exhausted",
      );
      const left = await collectItems(files.list(directory, { depth: 3 }));
      context.that("little to be left", left.length <= 10 && left.every(({ sizeBytes }) => sizeBytes < 200_000), left);
    },
  },
  {
    id: "hostile.archive-that-stalls",
    title:
      "Unpacking an archive that stalls ends by its signal; one whose source fails, or goes on after its end, settles",
    needs: needsArchive,
    async run(context) {
      const directory = await context.directory();
      const { files } = context.session;
      for (const name of ["stalled", "failed", "after"]) await files.makeDirectory(`${directory}/${name}`);
      const whole = writeTar([{ name: "a", contents: "x".repeat(3_000) }]);
      const abort = new AbortController();
      const stalled = new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(whole.subarray(0, 1_500)),
      });
      const call = context.rejects(
        "one that stalls",
        () => files.extract(`${directory}/stalled`, stalled, limits, { signal: abort.signal }),
        "cancelled",
      );
      await files.stat(directory);
      abort.abort(new Error("enough"));
      await call;
      const failing = new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(whole.subarray(0, 1_500)),
        pull: (controller) => controller.error(new Error("the source failed")),
      });
      const failed = await context.outcome("one whose source fails", () =>
        files.extract(`${directory}/failed`, failing, limits),
      );
      context.that("it to reject", "error" in failed, "it did not");
      const report = await settlesTyped(context, "one that goes on after its end", () =>
        files.extract(`${directory}/after`, streamOf(whole, patternBytes(200_000)), limits),
      );
      context.equal("its entries", report?.entries ?? 1, 1);
      const parts = (await collectItems(files.list(directory, { depth: 3 }))).filter(({ type }) => type === "file");
      context.equal(
        "files there",
        parts.map(({ path }) => path),
        report === undefined ? [] : [`${directory}/after/a`],
      );
    },
  },
  {
    id: "hostile.archive-tells-what-it-lacks",
    title: "What an archive cannot carry stands in it as an entry, so that unpacking reports it as left out",
    needs: needsAll(needsArchive, needsCommands),
    tools: ["sh", "mkfifo"],
    async run(context) {
      const directory = await context.directory();
      const { files } = context.session;
      await context.shText("mkdir -p from/sub; echo x > from/plain; mkfifo from/sub/fifo");
      const device = (await context.sh("mknod from/null c 1 3")).exit;
      const expected = device.kind === "code" && device.code === 0 ? ["null", "sub/fifo"] : ["sub/fifo"];
      await files.makeDirectory(`${directory}/to`);
      const archive = await collectBytes(await files.archive(`${directory}/from`));
      const report = await files.extract(`${directory}/to`, streamOf(archive), limits);
      const skipped = report.skipped.map(({ path }) => path.replace(/^.*\/to\//, "")).sort();
      context.equal("what is reported as left out", skipped, expected);
      context.equal("the plain file", decode((await files.read(`${directory}/to/plain`)).contents), "x\n");
      await context.rejects("the FIFO, unpacked", () => files.stat(`${directory}/to/sub/fifo`), "not_found");
    },
  },
];
