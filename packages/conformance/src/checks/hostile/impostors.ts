import { type Check, needsAll, needsCommands, needsFiles } from "../../check.js";
import type { CheckContext } from "../../check-context.js";
import { collectBytes, collectItems, decode, streamOf } from "../../support/collect.js";
import { writeTar } from "../../support/tar-writer.js";
import { settlesTyped } from "./support.js";
import type { RemoteRunnerSession } from "@mooring/api";

const programs =
  "sh bash dash perl python3 env cat tar ls rm mv cp mkdir find grep sed awk stat head tail dd sha256sum readlink sleep kill ps nc timeout setsid";

/** Every file verb once: none of them may run what the agent put in the way. */
async function everyVerb(context: CheckContext, session: RemoteRunnerSession, directory: string): Promise<void> {
  const { files } = session;
  const path = `${directory}/verbs/file`;
  await files.write(path, "needle", { createParents: true });
  context.bytes("a read", (await files.read(path)).contents, "needle");
  context.bytes("a stream", await collectBytes(await files.readStream(path)), "needle");
  await files.stat(path);
  await files.copy(path, `${path}2`);
  await files.rename(`${path}2`, `${path}3`);
  context.equal("a listing", (await collectItems(files.list(`${directory}/verbs`))).length, 2);
  context.equal("a glob", (await collectItems(files.glob("*", { cwd: `${directory}/verbs` }))).length, 2);
  context.equal("a search", (await collectItems(files.grep("needle", { path: `${directory}/verbs` }))).length, 2);
  if (context.capabilities.files.archive === "tar") {
    await collectBytes(await files.archive(`${directory}/verbs`));
    const archive = writeTar([{ name: "unpacked", contents: "x" }]);
    await files.extract(`${directory}/verbs`, streamOf(archive), { maxEntries: 5, maxTotalBytes: 100 });
  }
  await files.remove(`${directory}/verbs`, { recursive: true });
}

export const impostorChecks: readonly Check[] = [
  {
    id: "hostile.fake-programs",
    title: "Programs of the agent's own named `sh`, `tar`, `perl` and so on serve its commands only, never the session",
    needs: needsAll(needsFiles, needsCommands),
    tools: ["sh"],
    async run(context) {
      const directory = await context.directory();
      await context.shText(`mkdir bin && for name in ${programs}; do
  printf '#!/bin/sh\\n: > "%s/canary"; echo fake\\n' "$PWD" > "bin/$name"; cp "bin/$name" "$name"; chmod 755 "bin/$name" "$name"
done`);
      const own = (await context.shText('echo "$PATH"')).trim();
      const session = await context.freshSession({ env: { PATH: `${directory}/bin:.:${own}` } });
      await everyVerb(context, session, directory);
      await context.rejects(
        "the canary after the file verbs",
        () => session.files.stat(`${directory}/canary`),
        "not_found",
      );
      const result = await session.commands.run({ script: "exit 6", cwd: directory });
      context.equal("a script's exit, by the shell's full path", result.exit, { kind: "code", code: 6 });
      await context.rejects("the canary after a script", () => session.files.stat(`${directory}/canary`), "not_found");
      // Of those, the one that no shell has built in: BusyBox runs its own `cat`, whatever the PATH says.
      const fake = await session.commands.run({ program: "perl", cwd: directory });
      context.bytes("the agent's own `perl`, which its PATH names", fake.stdout.bytes, "fake\n");
    },
  },
  {
    id: "hostile.startup-variables",
    title: "BASH_ENV, ENV, PERL5OPT, LD_PRELOAD and the like reach the command as they are, and nothing that serves it",
    needs: needsAll(needsFiles, needsCommands),
    tools: ["sh", "env"],
    async run(context) {
      const directory = await context.directory();
      const canary = `${directory}/canary`;
      await context.session.files.write(`${directory}/start.sh`, `: > ${canary}\necho noise\n`);
      await context.session.files.write(`${directory}/Canary.pm`, `open my $f, '>', '${canary}'; print "noise\\n"; 1;`);
      const env = {
        BASH_ENV: `${directory}/start.sh`,
        ENV: `${directory}/start.sh`,
        PERL5OPT: "-MCanary",
        PERL5LIB: directory,
        PERL5DB: `BEGIN { open F, '>', '${canary}' }`,
        PYTHONPATH: directory,
        PYTHONSTARTUP: `${directory}/start.sh`,
        NODE_OPTIONS: `--require=${directory}/start.js`,
        GLOBIGNORE: "*",
        CDPATH: directory,
        IFS: "0123456789/",
        PS4: `$(: > ${canary})`,
        SHELLOPTS: "xtrace",
        LC_ALL: "tr_TR.ISO-8859-9",
        POSIXLY_CORRECT: "1",
        TAR_OPTIONS: `--use-compress-program=${directory}/start.sh`,
        GREP_OPTIONS: "--invert-match",
      };
      const session = await context.freshSession({ env });
      await everyVerb(context, session, directory);
      const result = await session.commands.run({ program: "env", cwd: directory });
      const lines = new Set(result.stdout.text().split("\n"));
      const missing = Object.entries(env).filter(([name, value]) => !lines.has(`${name}=${value}`));
      context.equal("variables that the command did not see", missing, []);
      const ended = await session.commands.run({ program: "sh", args: ["-c", "exit 6"], timeoutMs: 5_000, graceMs: 0 });
      context.equal("an exit", ended.exit, { kind: "code", code: 6 });
      const late = await session.commands.run({ program: "sleep", args: ["30"], timeoutMs: 300, graceMs: 0 });
      context.equal("a timeout", late.reason, "timeout");
      await context.rejects("the canary", () => session.files.stat(canary), "not_found");
    },
  },
  {
    id: "hostile.preloaded-library",
    title: "LD_PRELOAD and LD_LIBRARY_PATH of the commands load nothing into what serves them",
    needs: needsAll(needsFiles, needsCommands),
    tools: ["sh"],
    async run(context) {
      const directory = await context.directory();
      await context.session.files.write(`${directory}/libc.so.6`, "no library");
      const env = { LD_PRELOAD: `${directory}/libc.so.6`, LD_LIBRARY_PATH: directory, LD_DEBUG: "files" };
      const session = await context.freshSession();
      const result = await settlesTyped(context, "a command that cannot load it", () =>
        session.commands.run({ script: "echo ran", env, timeoutMs: 5_000, graceMs: 0 }),
      );
      context.note("its exit", result?.exit);
      await everyVerb(context, session, directory);
      const after = await session.commands.run({ script: "echo ran" });
      context.equal("the next command", [decode(after.stdout.bytes), decode(after.stderr.bytes)], ["ran\n", ""]);
    },
  },
  {
    id: "hostile.noisy-home",
    title: "Start-up files in HOME that write, exit or hang add nothing to a command and hold nothing up",
    needs: needsAll(needsFiles, needsCommands),
    tools: ["sh"],
    async run(context) {
      const directory = await context.directory();
      const { files } = context.session;
      for (const name of [".profile", ".bashrc", ".bash_profile", ".shrc", ".zshenv", ".kshrc", ".login"]) {
        await files.write(`${directory}/home/${name}`, "echo noise; echo noise >&2; exit 99\n", {
          createParents: true,
        });
      }
      const session = await context.freshSession({ env: { HOME: `${directory}/home` } });
      for (const shell of ["/bin/sh", "/bin/bash"]) {
        const outcome = await context.outcome(`a script of ${shell}`, () =>
          session.commands.run({ script: 'echo "$HOME"; exit 6', shell }),
        );
        if (!("value" in outcome)) continue;
        const { stdout, stderr, exit } = outcome.value;
        context.bytes("its output", stdout.bytes, `${directory}/home\n`);
        context.equal("its other stream and exit", [stderr.text(), exit], ["", { kind: "code", code: 6 }]);
      }
      await everyVerb(context, session, directory);
    },
  },
];
