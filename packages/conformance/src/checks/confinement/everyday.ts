import { type Check, needsAll, needsCommands, needsFiles } from "../../check.js";
import type { ToolName } from "../../support/tools.js";
import { surroundings } from "./outside.js";

/** What people do every day, which a confinement must let them do. */
const chores: readonly {
  readonly tool: ToolName;
  readonly what: string;
  readonly script: string;
  readonly says: string;
}[] = [
  {
    tool: "git",
    what: "makes a repository and commits",
    script:
      "git init -q r && cd r && echo x > f && git add f && git -c user.name=n -c user.email=e@localhost commit -qm m && git log --oneline | wc -l | tr -d ' '",
    says: "1\n",
  },
  {
    tool: "make",
    what: "builds",
    script: String.raw`printf 'all:\n\techo built > out\n' > Makefile && make -s && cat out`,
    says: "built\n",
  },
  {
    tool: "python3",
    what: "makes a virtual environment and runs in it",
    script: "python3 -m venv --without-pip v && v/bin/python -c 'print(6 * 7)'",
    says: "42\n",
  },
  {
    tool: "npm",
    what: "installs by a lockfile and packs",
    script: `printf '{"name":"a","version":"1.0.0"}' > package.json
printf '{"name":"a","version":"1.0.0","lockfileVersion":3,"packages":{"":{"name":"a","version":"1.0.0"}}}' > package-lock.json
npm ci --silent --offline --no-audit --no-fund && npm pack --silent --offline`,
    says: "a-1.0.0.tgz\n",
  },
  {
    tool: "tmux",
    what: "runs a session of its own",
    script: `tmux -L check -f /dev/null new-session -d 'echo ready > in-tmux'
i=0; while [ ! -s in-tmux ] && [ $i -lt 50 ]; do sleep 0.1; i=$((i + 1)); done
cat in-tmux; tmux -L check kill-server 2>/dev/null; :`,
    says: "ready\n",
  },
];

export const everydayChecks: readonly Check[] = chores.map(({ tool, what, script, says }) => ({
  id: `confinement.${tool}-works`,
  title: `Under the session's confinement, whatever it is, ${tool} ${what}`,
  needs: needsAll(needsFiles, needsCommands),
  tools: ["sh", tool] as const,
  deadlineMs: 60_000,
  async run(context) {
    const { session } = await surroundings(context);
    const { exit, stdout, stderr } = await session.commands.run({
      script,
      timeoutMs: 45_000 * context.slowness,
      graceMs: 0,
    });
    context.note("standard error", stderr.text());
    context.equal("exit and output", [exit, stdout.text()], [{ kind: "code", code: 0 }, says]);
  },
}));
