import { type Check, needsAll, needsCommands, needsFiles } from "../../check.js";
import { decode } from "../../support/collect.js";

export const changingChecks: readonly Check[] = [
  {
    id: "files.make-directory",
    title: "`makeDirectory` makes parents, accepts one that is there, and refuses a file in its place",
    needs: needsFiles,
    async run(context) {
      const directory = await context.directory();
      const { files } = context.session;
      await files.makeDirectory(`${directory}/a/b/c`);
      await files.makeDirectory(`${directory}/a/b/c`);
      context.equal("its type", (await files.stat(`${directory}/a/b/c`)).type, "directory");
      await files.makeDirectory(`${directory}/private`, { mode: 0o700 });
      context.equal("its mode", (await files.stat(`${directory}/private`)).mode, 0o700);
      await files.write(`${directory}/file`, "x");
      await context.rejects("a file in its place", () => files.makeDirectory(`${directory}/file`), "already_exists");
    },
  },
  {
    id: "files.remove",
    title:
      "`remove` takes a file or an empty directory; a full one only with `recursive`; a missing one is `not_found`",
    needs: needsFiles,
    async run(context) {
      const directory = await context.directory();
      const { files } = context.session;
      await files.write(`${directory}/full/sub/file`, "x", { createParents: true });
      await files.makeDirectory(`${directory}/empty`);
      await files.remove(`${directory}/empty`);
      await context.rejects("the empty one afterwards", () => files.stat(`${directory}/empty`), "not_found");
      await context.rejects(
        "a full directory",
        () => files.remove(`${directory}/full`),
        "invalid_request",
        "conflict",
        "already_exists",
      );
      context.equal("what is in it", decode((await files.read(`${directory}/full/sub/file`)).contents), "x");
      await files.remove(`${directory}/full`, { recursive: true });
      await context.rejects("the full one afterwards", () => files.stat(`${directory}/full`), "not_found");
      await context.rejects("a missing file", () => files.remove(`${directory}/missing`), "not_found");
      await context.rejects(
        "a missing file, recursively",
        () => files.remove(`${directory}/missing`, { recursive: true }),
        "not_found",
      );
    },
  },
  {
    id: "files.remove-keeps-what-links-point-to",
    title: "Removing a tree removes its links, and nothing that they point to",
    needs: needsAll(needsFiles, needsCommands),
    tools: ["sh", "ln"],
    async run(context) {
      const directory = await context.directory();
      const { files } = context.session;
      await context.shText(
        "mkdir keep tree; echo x > keep/file; ln -s ../keep tree/directory; ln -s ../keep/file tree/file; ln -s keep alias",
      );
      await files.remove(`${directory}/tree`, { recursive: true });
      context.equal(
        "the file that was linked to",
        decode((await files.read(`${directory}/keep/file`)).contents),
        "x\n",
      );
      await files.remove(`${directory}/alias`, { recursive: true });
      context.equal(
        "after removing a link itself",
        decode((await files.read(`${directory}/keep/file`)).contents),
        "x\n",
      );
      await context.rejects("the link", () => files.stat(`${directory}/alias`, { followSymlinks: false }), "not_found");
    },
  },
  {
    id: "files.rename",
    title: "`rename` moves files and directories and replaces a file in one step",
    needs: needsFiles,
    async run(context) {
      const directory = await context.directory();
      const { files } = context.session;
      await files.write(`${directory}/a/file`, "one", { createParents: true });
      await files.write(`${directory}/old`, "two");
      await files.rename(`${directory}/a`, `${directory}/b`);
      context.equal("in the moved directory", decode((await files.read(`${directory}/b/file`)).contents), "one");
      await files.rename(`${directory}/b/file`, `${directory}/old`);
      context.equal("over a file", decode((await files.read(`${directory}/old`)).contents), "one");
      await context.rejects("the source afterwards", () => files.stat(`${directory}/b/file`), "not_found");
      await context.rejects(
        "a missing source",
        () => files.rename(`${directory}/missing`, `${directory}/x`),
        "not_found",
      );
      await files.write(`${directory}/c/file`, "x", { createParents: true });
      const outcome = await context.outcome("a directory over a full one", () =>
        files.rename(`${directory}/b`, `${directory}/c`),
      );
      context.that("it to reject", "error" in outcome, outcome);
      const inside = await context.outcome("a directory into itself", () =>
        files.rename(`${directory}/c`, `${directory}/c/d`),
      );
      context.that("that to reject, too", "error" in inside, inside);
    },
  },
  {
    id: "files.copy",
    title: "`copy` copies a file over a file, and a tree with its modes; it refuses what is in the way",
    needs: needsFiles,
    async run(context) {
      const directory = await context.directory();
      const { files } = context.session;
      await files.write(`${directory}/tree/run.sh`, "one", { createParents: true, mode: 0o755 });
      await files.makeDirectory(`${directory}/tree/empty`);
      await files.write(`${directory}/file`, "two");
      await files.copy(`${directory}/tree/run.sh`, `${directory}/file`);
      context.equal("a file over a file", decode((await files.read(`${directory}/file`)).contents), "one");
      await files.copy(`${directory}/tree`, `${directory}/again`);
      context.equal("the mode in the copied tree", (await files.stat(`${directory}/again/run.sh`)).mode, 0o755);
      context.equal("its empty directory", (await files.stat(`${directory}/again/empty`)).type, "directory");
      await files.write(`${directory}/again/run.sh`, "changed");
      context.equal("the original afterwards", decode((await files.read(`${directory}/tree/run.sh`)).contents), "one");
      await context.rejects(
        "a tree over a tree",
        () => files.copy(`${directory}/tree`, `${directory}/again`),
        "already_exists",
      );
      await context.rejects(
        "a missing source",
        () => files.copy(`${directory}/missing`, `${directory}/x`),
        "not_found",
      );
      const inside = await context.outcome("a tree into itself", () =>
        files.copy(`${directory}/tree`, `${directory}/tree/sub`),
      );
      context.that("it to reject", "error" in inside, inside);
    },
  },
  {
    id: "files.copy-keeps-links",
    title: "Copying a tree copies its links as links",
    needs: needsAll(needsFiles, needsCommands),
    tools: ["sh", "ln", "readlink"],
    async run(context) {
      const directory = await context.directory();
      await context.shText("mkdir tree; echo x > tree/file; ln -s file tree/link; ln -s missing tree/dangling");
      await context.session.files.copy(`${directory}/tree`, `${directory}/copy`);
      context.equal(
        "the copied links",
        await context.shText("readlink copy/link; readlink copy/dangling"),
        "file\nmissing\n",
      );
    },
  },
  {
    id: "files.permission-is-the-runners",
    title: "What the runner's own user may not do is `permission_denied`",
    needs: needsAll(needsFiles, needsCommands),
    tools: ["sh"],
    async run(context) {
      const directory = await context.directory();
      if ((await context.shText("id -u")) === "0\n") context.skip("the session runs as root, who may do all of it");
      await context.shText("echo x > locked; chmod 000 locked; mkdir closed; chmod 500 closed");
      context.afterwards(() => context.sh("chmod 700 locked closed"));
      await context.rejects("read", () => context.session.files.read(`${directory}/locked`), "permission_denied");
      await context.rejects(
        "write",
        () => context.session.files.write(`${directory}/closed/x`, "x"),
        "permission_denied",
      );
    },
  },
];
