import { type Check, needsAll, needsCommands, needsFiles } from "../../check.js";
import { collectItems, decode } from "../../support/collect.js";
import { surroundings } from "../confinement/outside.js";

export const viewChecks: readonly Check[] = [
  {
    id: "restricted.read-only-refuses-changes",
    title: "A read-only view refuses every change and every command with `permission_denied`, and reads",
    needs: needsFiles,
    async run(context) {
      const { session } = await surroundings(context);
      const { files, commands } = session.restricted({ readOnly: true });
      context.equal("a read", decode((await files.read("inside")).contents), "inside");
      for (const [asked, call] of [
        ["write", () => files.write("inside", "x")],
        ["makeDirectory", () => files.makeDirectory("made")],
        ["remove", () => files.remove("inside")],
        ["rename", () => files.rename("inside", "b")],
        ["copy", () => files.copy("inside", "b")],
        ["commands.run", () => commands.run({ script: "echo ran" })],
        ["commands.start", () => commands.start({ script: "echo ran" })],
      ] as const) {
        await context.rejects(asked, call, "permission_denied");
      }
      context.equal("the file afterwards", decode((await session.files.read("inside")).contents), "inside");
      context.equal("the directory afterwards", (await collectItems(session.files.list("."))).length, 1);
    },
  },
  {
    id: "restricted.workspace-narrows",
    title: "A view of a part of the workspace resolves paths there and cannot leave it",
    needs: needsFiles,
    async run(context) {
      const { session, workspace } = await surroundings(context);
      await session.files.write("part/file", "part", { createParents: true });
      const view = session.restricted({ workspace: `${workspace}/part` });
      context.equal("its workspace", view.workspace, `${workspace}/part`);
      context.equal("a relative read", decode((await view.files.read("file")).contents), "part");
      await context.rejects("`..`", () => view.files.read("../inside"), "path_escape");
      await context.rejects("an absolute path", () => view.files.read(`${workspace}/inside`), "path_escape");
      await context.rejects("a write outside it", () => view.files.write(`${workspace}/new`, "x"), "path_escape");
    },
  },
  {
    id: "restricted.cannot-widen",
    title: "A view wider than its session is refused: another workspace, a read root that the session lacks",
    needs: needsFiles,
    async run(context) {
      const { session, base, workspace } = await surroundings(context);
      for (const restrictions of [
        { workspace: `${base}/outside` },
        { workspace: `${base}/workspace-evil` },
        { workspace: `${workspace}/..` },
        { readRoots: [`${base}/outside`] },
        { readRoots: [workspace, "/"] },
      ]) {
        await context.rejects(
          JSON.stringify(restrictions).replaceAll(base, ""),
          async () => {
            // A provider that looks at the far side first may refuse at the first use.
            const view = session.restricted(restrictions);
            for (const root of restrictions.readRoots ?? []) await view.files.stat(root);
            return await view.files.stat(".");
          },
          "invalid_request",
          "path_escape",
          "permission_denied",
        );
      }
    },
  },
  {
    id: "restricted.ends-with-its-session",
    title: "A view is over when its session is",
    needs: needsAll(needsFiles, needsCommands),
    async run(context) {
      const { session } = await surroundings(context);
      const view = session.restricted();
      await session.close();
      await context.rejects("files", () => view.files.read("inside"), "ended");
      await context.rejects("commands", () => view.commands.run({ script: "echo ran" }), "ended");
    },
  },
];
