import { type Check, needsAll, needsCommands, needsFiles } from "../../check.js";
import { collectBytes, decode, everyByte, patternBytes } from "../../support/collect.js";

export const readingChecks: readonly Check[] = [
  {
    id: "files.bytes-roundtrip",
    title: "All 256 byte values, an empty file and 3 MB come back as they were written",
    needs: needsFiles,
    async run(context) {
      const directory = await context.directory();
      const { files } = context.session;
      for (const [name, contents] of [
        ["every", everyByte()],
        ["empty", new Uint8Array()],
        ["large", patternBytes(3_000_000)],
      ] as const) {
        const written = await files.write(`${directory}/${name}`, contents);
        context.equal(`sizeBytes of writing ${name}`, written.sizeBytes, contents.length);
        const read = await files.read(`${directory}/${name}`);
        context.bytes(`read of ${name}`, read.contents, contents);
        context.equal(
          `what it says of ${name}`,
          [read.path, read.sizeBytes, read.truncated, read.version],
          [`${directory}/${name}`, contents.length, false, written.version],
        );
      }
    },
  },
  {
    id: "files.text-is-utf8",
    title: "A string is written as its UTF-8 bytes, line ends untouched",
    needs: needsFiles,
    async run(context) {
      const path = `${await context.directory()}/text`;
      await context.session.files.write(path, "ü€😀\r\n\uFEFFx");
      context.bytes("the file", (await context.session.files.read(path)).contents, "ü€😀\r\n\uFEFFx");
    },
  },
  {
    id: "files.read-ranges",
    title: "`offset` and `maxBytes` give exactly that part; `sizeBytes` and `truncated` tell of the whole file",
    needs: needsFiles,
    async run(context) {
      const path = `${await context.directory()}/range`;
      const { files } = context.session;
      const whole = patternBytes(1_000_000);
      await files.write(path, whole);
      for (const [offset, maxBytes] of [
        [0, 10],
        [10, 999_990],
        [999_999, 10],
        [1_000_000, 10],
        [2_000_000, 10],
        [5, 0],
        [300_000, 400_000],
      ] as const) {
        const read = await files.read(path, { offset, maxBytes });
        const expected = whole.subarray(offset, offset + maxBytes);
        context.bytes(`${maxBytes} bytes from ${offset}`, read.contents, expected);
        context.equal(
          "sizeBytes and truncated",
          [read.sizeBytes, read.truncated],
          [1_000_000, offset + maxBytes < 1_000_000],
        );
      }
      for (const options of [{ offset: -1 }, { maxBytes: -1 }, { offset: 1.5 }, { maxBytes: Number.NaN }]) {
        await context.rejects(JSON.stringify(options), () => files.read(path, options), "invalid_request");
      }
    },
  },
  {
    id: "files.read-stream",
    title: "`readStream` gives the whole file, or the rest of it from an offset, and can be let go",
    needs: needsFiles,
    async run(context) {
      const path = `${await context.directory()}/stream`;
      const { files } = context.session;
      const whole = patternBytes(5_000_000);
      await files.write(path, whole);
      context.bytes("from 0", await collectBytes(await files.readStream(path)), whole);
      context.bytes(
        "from 4,999,000",
        await collectBytes(await files.readStream(path, { offset: 4_999_000 })),
        whole.subarray(4_999_000),
      );
      const reader = (await files.readStream(path)).getReader();
      await reader.read();
      await context.outcome("cancelling a stream", () => reader.cancel());
      context.bytes("the file afterwards", (await files.read(path, { maxBytes: 4 })).contents, whole.subarray(0, 4));
    },
  },
  {
    id: "files.what-is-no-file",
    title:
      "Reading what is missing is `not_found`; a directory, a FIFO or a device is an invalid request, and does not hang",
    needs: needsFiles,
    async run(context) {
      const directory = await context.directory();
      const { files } = context.session;
      await context.rejects("a missing file", () => files.read(`${directory}/missing`), "not_found");
      await context.rejects("a missing file, streamed", () => files.readStream(`${directory}/missing`), "not_found");
      await context.rejects(
        "a missing directory in between",
        () => files.read(`${directory}/missing/file`),
        "not_found",
      );
      await context.rejects("stat", () => files.stat(`${directory}/missing`), "not_found");
      await context.rejects("a directory", () => files.read(directory), "invalid_request");
      if (!context.tools.has("mkfifo")) return;
      await context.shText("mkfifo fifo");
      await context.rejects("a FIFO", () => files.read(`${directory}/fifo`), "invalid_request");
      context.equal("its type", (await files.stat(`${directory}/fifo`)).type, "other");
    },
  },
  {
    id: "files.stat",
    title: "`stat` tells type, size, mode, time and link, as the shell sees them",
    needs: needsAll(needsFiles, needsCommands),
    tools: ["sh", "ln"],
    async run(context) {
      const directory = await context.directory();
      const { files } = context.session;
      const before = Date.now();
      await context.shText("printf 12345 > file; chmod 640 file; mkdir sub; ln -s file link; ln -s nowhere dangling");
      const file = await files.stat(`${directory}/file`);
      context.equal(
        "the file",
        [file.path, file.type, file.sizeBytes, file.mode],
        [`${directory}/file`, "file", 5, 0o640],
      );
      context.that(
        "its time to be about now",
        Math.abs(file.modifiedAtMs - before) < 120_000,
        file.modifiedAtMs - before,
      );
      context.equal("the directory", (await files.stat(`${directory}/sub`)).type, "directory");
      const followed = await files.stat(`${directory}/link`);
      context.equal("the link, followed", [followed.type, followed.sizeBytes], ["file", 5]);
      const link = await files.stat(`${directory}/link`, { followSymlinks: false });
      context.equal("the link itself", [link.type, link.symlinkTarget], ["symlink", "file"]);
      const dangling = await files.stat(`${directory}/dangling`, { followSymlinks: false });
      context.equal("a dangling link itself", [dangling.type, dangling.symlinkTarget], ["symlink", "nowhere"]);
      await context.rejects("a dangling link, followed", () => files.stat(`${directory}/dangling`), "not_found");
    },
  },
  {
    id: "files.odd-names",
    title: "Names with spaces, quotes, newlines, leading dashes, and bytes that are no UTF-8 work in every verb",
    needs: needsFiles,
    async run(context) {
      const directory = await context.directory();
      const { files } = context.session;
      const encoder = new TextEncoder();
      const names = [" a b ", "-rf", "line\nbreak", "qu'o\"te", "$(x)", "*?[a]", "ü€😀", "back\\slash", "tab\t"].map(
        (name) => encoder.encode(name),
      );
      names.push(Uint8Array.of(0x66, 0xff, 0xfe, 0x80, 0x67));
      const inDirectory = (name: Uint8Array, suffix = "") =>
        new Uint8Array(Buffer.concat([encoder.encode(`${directory}/`), name, encoder.encode(suffix)]));
      for (const [index, name] of names.entries()) {
        const asked = JSON.stringify(decode(name));
        await files.write(inDirectory(name), `number ${index}`);
        context.bytes(`read of ${asked}`, (await files.read(inDirectory(name))).contents, `number ${index}`);
        await files.rename(inDirectory(name), inDirectory(name, "2"));
        await files.copy(inDirectory(name, "2"), inDirectory(name));
        await files.remove(inDirectory(name, "2"));
      }
      const listed: string[] = [];
      for await (const info of files.list(directory)) {
        listed.push(Buffer.from(info.pathBytes ?? encoder.encode(info.path)).toString("hex"));
      }
      context.equal(
        "the names listed, by their bytes",
        listed.sort(),
        names.map((name) => Buffer.from(inDirectory(name)).toString("hex")).sort(),
      );
    },
  },
  {
    id: "files.wrong-paths",
    title: "An empty path and one with a NUL byte are invalid requests",
    needs: needsFiles,
    async run(context) {
      const { files } = context.session;
      for (const path of ["", "a\0b", Uint8Array.of(97, 0, 98)]) {
        await context.rejects(`read of ${JSON.stringify(path)}`, () => files.read(path), "invalid_request");
        await context.rejects(`write of ${JSON.stringify(path)}`, () => files.write(path, "x"), "invalid_request");
      }
    },
  },
];
