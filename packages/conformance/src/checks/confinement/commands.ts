import { type Check, needsAll, needsCommands, needsFiles, needsMode } from "../../check.js";
import { decode } from "../../support/collect.js";
import { surroundings } from "./outside.js";

const needsWall = needsAll(needsFiles, needsCommands, needsMode("commands", "confinement", "workspace-write"));

export const commandConfinementChecks: readonly Check[] = [
  {
    id: "confinement.commands-cannot-write-outside",
    title: "With `workspace-write` no command makes, changes, moves, links or removes anything outside the write roots",
    needs: needsWall,
    tools: ["sh", "ln"],
    async run(context) {
      const { session, base, look } = await surroundings(context);
      const before = await look();
      const attempts = [
        "echo x > ../outside/secret",
        "echo x >> ../outside/secret",
        ": > ../outside/new",
        "mkdir ../outside/made",
        "rm ../outside/secret",
        "mv ../outside/secret stolen",
        "mv inside ../outside/moved",
        "ln inside ../outside/hard",
        "ln ../outside/secret hard && echo x >> hard",
        "ln -s x ../outside/soft",
        "cp inside ../workspace-evil/secret",
        "ln -s ../outside way; echo x > way/new",
        "rmdir ../outside/directory; rm -r ../outside/directory",
        "mkfifo ../outside/fifo",
        `cd ${base}/outside && echo x > secret`,
        "(setsid sh -c 'echo x > ../outside/new' || sh -c 'echo x > ../outside/new')",
      ];
      for (const script of attempts) {
        await session.commands.run({ script: `${script}; :`, timeoutMs: 5_000, graceMs: 0 });
        context.equal(
          `what lies outside after ${script.replaceAll(base, "")}`,
          (await look()) === before ? "untouched" : "changed",
          "untouched",
        );
      }
    },
  },
  {
    id: "confinement.commands-work-inside",
    title: "With `workspace-write` commands write in the workspace, in write roots, in $TMPDIR and to /dev/null",
    needs: needsWall,
    tools: ["sh"],
    async run(context) {
      const { session, base } = await surroundings(context, (directory) => ({ writeRoots: [`${directory}/outside`] }));
      const script = `set -e
echo x > made; mkdir -p a/b; mv made a/b/moved; ln -s a link; rm link
echo x > ../outside/new
echo x > "\${TMPDIR:?}/scratch"; cat "$TMPDIR/scratch"
echo x > /dev/null; head -c 4 /dev/zero | wc -c | tr -d ' '
cat ../workspace-evil/secret > /dev/null && echo read`;
      const { exit, stdout, stderr } = await session.commands.run({ script });
      context.equal("its exit", [exit, stderr.text()], [{ kind: "code", code: 0 }, ""]);
      context.equal("its output", stdout.text(), "x\n4\nread\n");
      context.equal("the moved file", decode((await session.files.read("a/b/moved")).contents), "x\n");
      context.equal(
        "in the write root",
        decode((await context.session.files.read(`${base}/outside/new`)).contents),
        "x\n",
      );
    },
  },
  {
    id: "confinement.commands-read-roots-only-read",
    title: "With `workspace-write` a read root is not writable for commands",
    needs: needsWall,
    tools: ["sh"],
    async run(context) {
      const { session, look } = await surroundings(context, (directory) => ({ readRoots: [`${directory}/outside`] }));
      const before = await look();
      await session.commands.run({ script: "echo x > ../outside/secret; echo x > ../outside/new; :" });
      context.equal("what lies there", (await look()) === before ? "untouched" : "changed", "untouched");
    },
  },
  {
    id: "confinement.restricted-workspace",
    title: "A command that a confined session's narrower view starts cannot have its directory outside that view",
    needs: needsAll(needsFiles, needsCommands),
    tools: ["sh"],
    async run(context) {
      const { session, workspace } = await surroundings(context);
      await session.files.makeDirectory("part/deep");
      const view = session.restricted({ workspace: `${workspace}/part` });
      context.equal(
        "its directory",
        (await view.commands.run({ script: "pwd -P" })).stdout.text(),
        `${workspace}/part\n`,
      );
      await context.rejects(
        "the session's own",
        () => view.commands.run({ script: "pwd", cwd: workspace }),
        "path_escape",
      );
      await context.rejects("`..`", () => view.commands.run({ script: "pwd", cwd: ".." }), "path_escape");
    },
  },
  {
    id: "confinement.none-is-none",
    title: "Where `confinement` is `none` commands write outside the workspace: the claim is not less than the truth",
    needs: needsAll(needsFiles, needsCommands, needsMode("commands", "confinement", "none")),
    tools: ["sh"],
    async run(context) {
      const { session, base } = await surroundings(context);
      const { exit, stderr } = await session.commands.run({ script: "echo x > ../outside/new" });
      context.equal("its exit", [exit, stderr.text()], [{ kind: "code", code: 0 }, ""]);
      context.equal("the file", decode((await context.session.files.read(`${base}/outside/new`)).contents), "x\n");
    },
  },
];
