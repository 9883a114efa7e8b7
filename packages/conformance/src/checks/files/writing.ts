import { type Check, needsAll, needsCommands, needsFiles } from "../../check.js";
import { decode, patternBytes, streamOf } from "../../support/collect.js";

export const writingChecks: readonly Check[] = [
  {
    id: "files.write-stream",
    title: "A streamed write is whole or not there: 5 MB arrive, a source that fails leaves the old file",
    needs: needsFiles,
    async run(context) {
      const path = `${await context.directory()}/streamed`;
      const { files } = context.session;
      const large = patternBytes(5_000_000);
      await files.write(path, streamOf(large.subarray(0, 1), large.subarray(1, 3_000_000), large.subarray(3_000_000)));
      context.bytes("the file", (await files.read(path)).contents, large);
      let pieces = 0;
      const failing = new ReadableStream<Uint8Array>({
        pull(controller) {
          pieces += 1;
          if (pieces > 20) controller.error(new Error("the source failed"));
          else controller.enqueue(patternBytes(100_000));
        },
      });
      const outcome = await context.outcome("a source that fails", () => files.write(path, failing));
      context.that("it to reject", "error" in outcome, outcome);
      context.bytes("the old contents", (await files.read(path)).contents, large);
      const left: string[] = [];
      for await (const info of files.list(await context.directory())) left.push(info.path);
      context.equal("what lies in the directory", left, [path]);
    },
  },
  {
    id: "files.write-is-atomic",
    title: "A reader in the session sees the old contents or the new, never a mixture or a part",
    needs: needsAll(needsFiles, needsCommands),
    tools: ["sh", "cat", "sort", "tr", "uniq", "wc"],
    async run(context) {
      const directory = await context.directory();
      const path = `${directory}/atomic`;
      const { files, commands } = context.session;
      const size = 200_000;
      await files.write(path, "0".repeat(size));
      const reader = await commands.start({
        script: `while [ ! -e stop ]; do set -- $(cat atomic | tr -s 0-9 | wc -c) $(wc -c < atomic); echo "$1 $2"; done | sort | uniq -c`,
        cwd: directory,
      });
      context.afterwards(() => reader.cancel({ graceMs: 0 }));
      const end = performance.now() + 1_000;
      for (let round = 1; round <= 60 || performance.now() < end; round += 1) {
        await files.write(path, String(round % 10).repeat(size));
      }
      await files.write(`${directory}/stop`, "");
      const seen = (await reader.result()).stdout.text();
      const wrong = seen.split("\n").filter((line) => line !== "" && !/^ *\d+ 1 200000$/.test(line));
      context.equal("readings that were not one digit, 200,000 times", wrong, []);
      context.that("readings", seen !== "", "none");
    },
  },
  {
    id: "files.write-keeps-mode",
    title: "Writing keeps the mode of a file that exists; `mode` sets it",
    needs: needsFiles,
    async run(context) {
      const path = `${await context.directory()}/mode`;
      const { files } = context.session;
      await files.write(path, "one", { mode: 0o750 });
      context.equal("mode as given", (await files.stat(path)).mode, 0o750);
      await files.write(path, "two");
      context.equal("mode as kept", (await files.stat(path)).mode, 0o750);
      await files.write(path, "three", { mode: 0o600 });
      context.equal("mode as changed", (await files.stat(path)).mode, 0o600);
      await files.write(`${path}-new`, "four");
      const fresh = (await files.stat(`${path}-new`)).mode;
      context.that(
        "a new file to be readable and writable by its owner and not executable",
        (fresh & 0o711) === 0o600,
        fresh.toString(8),
      );
    },
  },
  {
    id: "files.write-by-version",
    title: "`ifVersion` lets only the holder of the current version write; `null` only the first",
    needs: needsFiles,
    async run(context) {
      const path = `${await context.directory()}/versioned`;
      const { files } = context.session;
      await context.rejects(
        "a version of a missing file",
        () => files.write(path, "x", { ifVersion: "1" }),
        "conflict",
        "not_found",
      );
      const first = await files.write(path, "one", { ifVersion: null });
      await context.rejects("`null` when it is there", () => files.write(path, "x", { ifVersion: null }), "conflict");
      const second = await files.write(path, "two", { ifVersion: first.version });
      context.that("a new version", second.version !== first.version, second.version);
      context.equal("stat's version", (await files.stat(path)).version, second.version);
      await context.rejects("the old version", () => files.write(path, "x", { ifVersion: first.version }), "conflict");
      context.equal("the contents", decode((await files.read(path)).contents), "two");
    },
  },
  {
    id: "files.version-tells-changes",
    title: "A change that a command makes, of the same length and at once, gives another version",
    needs: needsAll(needsFiles, needsCommands),
    tools: ["sh"],
    async run(context) {
      const path = `${await context.directory()}/changed`;
      const { files } = context.session;
      const { version } = await files.write(path, "aaaa");
      await context.shText("printf bbbb > changed");
      const now = (await files.stat(path)).version;
      context.that("another version", now !== version, now);
      await context.rejects("a write by the old one", () => files.write(path, "x", { ifVersion: version }), "conflict");
    },
  },
  {
    id: "files.write-parents",
    title: "Missing parents are `not_found`, and made only with `createParents`",
    needs: needsFiles,
    async run(context) {
      const directory = await context.directory();
      const { files } = context.session;
      await context.rejects("without it", () => files.write(`${directory}/a/b/c`, "x"), "not_found");
      await context.rejects("the parent was not made", () => files.stat(`${directory}/a`), "not_found");
      await files.write(`${directory}/a/b/c`, "x", { createParents: true });
      context.equal("with it", decode((await files.read(`${directory}/a/b/c`)).contents), "x");
      const outcome = await context.outcome("a file as parent", () =>
        files.write(`${directory}/a/b/c/d`, "x", { createParents: true }),
      );
      context.that("it to reject", "error" in outcome, outcome);
      context.equal("the file in the way", decode((await files.read(`${directory}/a/b/c`)).contents), "x");
    },
  },
  {
    id: "files.write-over-directory",
    title: "Writing over a directory rejects and leaves it",
    needs: needsFiles,
    async run(context) {
      const directory = await context.directory();
      const { files } = context.session;
      await files.write(`${directory}/sub/file`, "x", { createParents: true });
      await context.rejects("write", () => files.write(`${directory}/sub`, "x"), "invalid_request", "already_exists");
      context.equal("its file", decode((await files.read(`${directory}/sub/file`)).contents), "x");
    },
  },
  {
    id: "files.write-at-once",
    title: "Twenty writes of one file at once leave one of them whole, and no other file",
    needs: needsFiles,
    async run(context) {
      const directory = await context.directory();
      const { files } = context.session;
      await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          files.write(`${directory}/race`, String.fromCharCode(97 + index).repeat(50_000)),
        ),
      );
      const text = decode((await files.read(`${directory}/race`)).contents);
      context.that(
        "one writer's 50,000 letters",
        text.length === 50_000 && /^(.)\1*$/.test(text),
        `${text.length} characters`,
      );
      const names: string[] = [];
      for await (const info of files.list(directory)) names.push(info.path);
      context.equal("the files there", names, [`${directory}/race`]);
    },
  },
  {
    id: "files.aborted-write",
    title: "A call whose signal is aborted already rejects `cancelled` and does nothing",
    needs: needsFiles,
    async run(context) {
      const path = `${await context.directory()}/aborted`;
      const { files } = context.session;
      const reason = new Error("not wanted");
      const error = await context.rejects(
        "write",
        () => files.write(path, "x", { signal: AbortSignal.abort(reason) }),
        "cancelled",
      );
      context.that("its cause to be the reason", error.cause === reason, error.cause);
      await context.rejects("the file", () => files.stat(path), "not_found");
      await context.rejects("read", () => files.read(path, { signal: AbortSignal.abort(reason) }), "cancelled");
    },
  },
];
