import { type Check, needsAll, needsCommands, needsFiles, needsMode } from "../../check.js";
import { collectBytes, collectItems, decode, streamOf } from "../../support/collect.js";
import { writeTar } from "../../support/tar-writer.js";
import type { CheckContext } from "../../check-context.js";
import { surroundings } from "../confinement/outside.js";
import { settlesTyped } from "./support.js";
import type { RemoteRunnerSession } from "@mooring/api";

/** Every verb, on the workspace as the session knows it. */
async function useAll(context: CheckContext, session: RemoteRunnerSession): Promise<void> {
  const { files, commands } = session;
  const calls: Readonly<Record<string, () => Promise<unknown>>> = {
    read: () => files.read("secret"),
    "read by its absolute path": () => files.read(`${session.workspace}/secret`),
    write: () => files.write("written", "written"),
    "write by its absolute path": () => files.write(`${session.workspace}/written-too`, "written"),
    "write with parents": () => files.write("made/deeper/written", "written", { createParents: true }),
    list: () => collectItems(files.list(".")),
    grep: () => collectItems(files.grep("canary")),
    makeDirectory: () => files.makeDirectory("made-too"),
    copy: () => files.copy("inside", "copied"),
    remove: () => files.remove("secret"),
    "remove a tree": () => files.remove("directory", { recursive: true }),
    "a command": () => commands.run({ script: ": > by-a-command", timeoutMs: 5_000 * context.slowness }),
    "a command by its directory": () =>
      commands.run({ script: ": > by-a-command", cwd: session.workspace, timeoutMs: 5_000 * context.slowness }),
  };
  for (const [asked, call] of Object.entries(calls)) {
    const value = await settlesTyped(context, asked, call);
    const shown = JSON.stringify(value, (_key, item: unknown) => (item instanceof Uint8Array ? decode(item) : item));
    context.that(`${asked} to give nothing of outside`, !/canary[0-9a-f]{8}/.test(shown ?? ""), "it did");
  }
}

export const workspaceChecks: readonly Check[] = [
  {
    id: "hostile.workspace-moved-away",
    title:
      "With its workspace moved away a session works on there, or fails with typed errors, and recovers when it is back",
    needs: needsAll(needsFiles, needsCommands),
    tools: ["sh"],
    async run(context) {
      const place = await surroundings(context);
      const before = await place.look();
      await context.shText("mv workspace elsewhere");
      await useAll(context, place.session);
      await context.shText("[ ! -e workspace ]");
      await context.shText("mv elsewhere workspace");
      context.equal("what lies outside", await place.look(), before);
      const back = await settlesTyped(context, "a file when it is back", () => place.session.files.read("inside"));
      if (back !== undefined) context.bytes("its contents", back.contents, "inside");
      await context.settles("closing", place.session.close());
    },
  },
  {
    id: "hostile.workspace-becomes-a-link",
    title: "A workspace that is replaced by a link out of it leads nobody out: no file verb, and no confined command",
    needs: needsAll(needsFiles, needsCommands),
    tools: ["sh", "ln"],
    async run(context) {
      const place = await surroundings(context);
      const before = await place.look();
      await context.shText("mv workspace elsewhere; ln -s outside workspace");
      await useAll(context, place.session);
      await context.shText("rm workspace; mv elsewhere workspace");
      context.equal("what lies outside", await place.look(), before);
      await settlesTyped(context, "a file when it is back", () => place.session.files.read("inside"));
      await context.settles("closing", place.session.close());
    },
  },
  {
    id: "hostile.workspace-removed",
    title:
      "With its workspace removed, every call of a session settles with a typed error or harmlessly, and it closes",
    needs: needsAll(needsFiles, needsCommands),
    tools: ["sh"],
    async run(context) {
      const place = await surroundings(context);
      const before = (await place.look()).split("\n").slice(0, -1);
      await context.shText("rm -rf workspace");
      await useAll(context, place.session);
      await context.shText("mkdir -p workspace");
      context.equal("what lies outside", (await place.look()).split("\n").slice(0, -1), before);
      await settlesTyped(context, "a write where another directory has its name", () =>
        place.session.files.write("late", "late"),
      );
      await context.settles("closing", place.session.close());
    },
  },
  {
    id: "hostile.planted-hard-link",
    title: "Writing, copying and unpacking over a hard link to a file outside leaves that file as it was",
    needs: needsAll(needsFiles, needsCommands),
    tools: ["sh", "ln"],
    async run(context) {
      const place = await surroundings(context);
      for (const name of ["hard-written", "hard-copied", "hard-moved", "hard-unpacked"]) {
        await context.shText(`ln outside/secret workspace/${name}`);
      }
      const before = await place.look();
      const { files } = place.session;
      await files.write("hard-written", "new", { mode: 0o777 });
      await settlesTyped(context, "copying over it", () => files.copy("inside", "hard-copied"));
      await files.rename("inside", "hard-moved");
      if (context.capabilities.files.archive === "tar") {
        const archive = writeTar([{ name: "hard-unpacked", contents: "new", mode: 0o777 }]);
        await files.extract(".", streamOf(archive), { maxEntries: 5, maxTotalBytes: 100 });
        await collectBytes(await files.archive("."));
      }
      context.equal("what lies outside", await place.look(), before);
      context.bytes("what was written", (await files.read("hard-written")).contents, "new");
    },
  },
  {
    id: "hostile.temporary-directory-removed",
    title: "A command that removes its private temporary directory breaks no file verb and no later command",
    needs: needsAll(needsFiles, needsCommands, needsMode("commands", "confinement", "workspace-write")),
    tools: ["sh"],
    async run(context) {
      const session = await context.freshSession();
      const path = `${await context.directory()}/file`;
      // By `rmdir`, which takes nothing of anybody's along.
      const { stdout } = await session.commands.run({
        script: `case \${TMPDIR:-/tmp} in /tmp|/var/tmp) echo shared; exit;; esac
for inside in "$TMPDIR"/* "$TMPDIR"/.[!.]*; do rmdir "$inside" 2>/dev/null; done; rmdir "$TMPDIR" && echo removed`,
      });
      if (stdout.text() === "shared\n") context.skip("the temporary directory is everybody's");
      context.note("removing it", stdout.text());
      await session.files.write(path, "written");
      context.bytes("a file afterwards", (await session.files.read(path)).contents, "written");
      const later = await session.commands.run({ script: "echo ran" });
      context.bytes("a command afterwards", later.stdout.bytes, "ran\n");
      const { survivors } = await session.close();
      context.equal("survivors", survivors, []);
    },
  },
];
