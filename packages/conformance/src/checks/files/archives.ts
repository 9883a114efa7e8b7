import { type Check, needsAll, needsCommands, needsFiles, needsMode } from "../../check.js";
import { collectBytes, collectItems, decode, patternBytes, streamOf } from "../../support/collect.js";
import { writeTar } from "../../support/tar-writer.js";

const needsArchive = needsAll(needsFiles, needsMode("files", "archive", "tar"));
const limits = { maxEntries: 1_000, maxTotalBytes: 50_000_000 };

export const archiveChecks: readonly Check[] = [
  {
    id: "files.archive-roundtrip",
    title: "A tree that is archived and extracted elsewhere is the same: contents, modes, links, odd and long names",
    needs: needsAll(needsArchive, needsCommands),
    tools: ["sh", "ln", "readlink"],
    async run(context) {
      const directory = await context.directory();
      const { files } = context.session;
      const long = `${"n".repeat(90)}/${"m".repeat(120)}`;
      const large = patternBytes(700_001);
      await files.write(`${directory}/from/${long}`, "long", { createParents: true });
      await files.write(`${directory}/from/run.sh`, "run", { mode: 0o755 });
      await files.write(`${directory}/from/large`, large);
      await files.write(`${directory}/from/ü €`, "wide");
      await context.shText("mkdir from/empty; ln -s run.sh from/link");
      await files.makeDirectory(`${directory}/to`);
      const report = await files.extract(`${directory}/to`, await files.archive(`${directory}/from`), limits);
      context.equal("what was left out", report.skipped, []);
      context.equal("bytes", report.totalBytes, large.length + 4 + 3 + 4);
      context.bytes("the large file", (await files.read(`${directory}/to/large`)).contents, large);
      context.equal("the long name", decode((await files.read(`${directory}/to/${long}`)).contents), "long");
      context.equal("the wide name", decode((await files.read(`${directory}/to/ü €`)).contents), "wide");
      context.equal("the mode", (await files.stat(`${directory}/to/run.sh`)).mode, 0o755);
      context.equal("the empty directory", (await files.stat(`${directory}/to/empty`)).type, "directory");
      context.equal("the link", await context.shText("readlink to/link"), "run.sh\n");
    },
  },
  {
    id: "files.archive-excludes",
    title: "`archive` leaves out what is excluded, is a whole tar, and can be of one file",
    needs: needsArchive,
    async run(context) {
      const directory = await context.directory();
      const { files } = context.session;
      for (const path of ["a", "node_modules/b", "src/c", "src/out/d"]) {
        await files.write(`${directory}/${path}`, path, { createParents: true });
      }
      const archive = await collectBytes(await files.archive(directory, { exclude: ["node_modules", "src/out/**"] }));
      context.equal("its length in blocks of 512", archive.length % 512, 0);
      await files.makeDirectory(`${directory}/to`);
      await files.extract(`${directory}/to`, streamOf(archive), limits);
      const found = (await collectItems(files.list(`${directory}/to`, { depth: 9 })))
        .filter(({ type }) => type === "file")
        .map(({ path }) => path.slice(directory.length + 4));
      context.equal("the files in it", found.sort(), ["a", "src/c"]);
      const single = await collectBytes(await files.archive(`${directory}/a`));
      context.that("an archive of one file", single.length >= 1_024, single.length);
      await context.rejects(
        "of a missing path",
        async () => collectBytes(await files.archive(`${directory}/missing`)),
        "not_found",
      );
    },
  },
  {
    id: "files.extract-limits",
    title: "An archive past `maxEntries` or `maxTotalBytes` is `resource_exhausted`",
    needs: needsArchive,
    async run(context) {
      const directory = await context.directory();
      const { files } = context.session;
      const archive = writeTar(
        Array.from({ length: 20 }, (_, index) => ({ name: `f${index}`, contents: "x".repeat(1_000) })),
      );
      await context.rejects(
        "21st entry",
        () => files.extract(directory, streamOf(archive), { maxEntries: 10, maxTotalBytes: 1_000_000 }),
        "resource_exhausted",
      );
      await context.rejects(
        "bytes",
        () => files.extract(directory, streamOf(archive), { maxEntries: 100, maxTotalBytes: 5_000 }),
        "resource_exhausted",
      );
      const whole = await files.extract(directory, streamOf(archive), { maxEntries: 20, maxTotalBytes: 20_000 });
      context.equal("exactly the limits", [whole.entries, whole.totalBytes], [20, 20_000]);
    },
  },
  {
    id: "files.extract-drops-what-is-dangerous",
    title: "Set-id bits are dropped; devices and FIFOs are left out and reported",
    needs: needsArchive,
    async run(context) {
      const directory = await context.directory();
      const { files } = context.session;
      const archive = writeTar([
        { name: "tool", mode: 0o6755, contents: "x" },
        { name: "device", type: "3" },
        { name: "fifo", type: "6" },
      ]);
      const report = await files.extract(directory, streamOf(archive), limits);
      context.equal("the mode", (await files.stat(`${directory}/tool`)).mode, 0o755);
      context.equal(
        "what was left out",
        report.skipped.map(({ path }) => path.slice(path.lastIndexOf("/") + 1)).sort(),
        ["device", "fifo"],
      );
      await context.rejects("the device", () => files.stat(`${directory}/device`), "not_found");
    },
  },
  {
    id: "files.extract-broken",
    title: "An archive that is cut off or is none rejects; it does not hang and does not pass for whole",
    needs: needsArchive,
    async run(context) {
      const directory = await context.directory();
      const { files } = context.session;
      const whole = writeTar([{ name: "a", contents: "x".repeat(2_000) }]);
      for (const [asked, archive] of [
        ["cut off in a file", whole.subarray(0, 1_200)],
        ["noise", patternBytes(4_096)],
        ["a wrong checksum", Uint8Array.from(whole, (byte, index) => (index === 3 ? 0x41 : byte))],
      ] as const) {
        await context.rejects(
          asked,
          () => files.extract(directory, streamOf(archive), limits),
          "invalid_request",
          "corrupt",
        );
      }
    },
  },
];
