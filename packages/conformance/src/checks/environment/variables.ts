import { type Check, needsCommands } from "../../check.js";

export const variableChecks: readonly Check[] = [
  {
    id: "environment.host-secret-invisible",
    title: "A secret in this process's environment is not visible to a command",
    needs: needsCommands,
    tools: ["sh", "env"],
    async run(context) {
      const canary = context.secret();
      process.env["MOORING_CONFORMANCE_CANARY"] = canary;
      try {
        const session = await context.freshSession();
        const result = await session.commands.run({ script: "env; cat /proc/self/environ 2>/dev/null; :" });
        const seen = result.stdout.text();
        context.that("its value not to be seen", !seen.includes(canary), "the command sees it");
        context.that("its name not to be seen", !seen.includes("MOORING_CONFORMANCE_CANARY"), "the command sees it");
        context.that("a PATH to be there", /^PATH=./m.test(seen), "no PATH");
      } finally {
        delete process.env["MOORING_CONFORMANCE_CANARY"];
      }
    },
  },
  {
    id: "environment.values-exact",
    title: "Values arrive as they are: empty, with spaces, quotes, `=`, newlines, UTF-8, 50 kB",
    needs: needsCommands,
    tools: ["sh"],
    async run(context) {
      const env = {
        EMPTY: "",
        SPACES: "  a  b  ",
        QUOTES: `'"\`\\$HOME`,
        EQUALS: "a=b=c",
        LINES: "one\ntwo\n",
        WIDE: "ü€😀",
        LARGE: "x".repeat(50_000),
      };
      const names = Object.keys(env);
      const { stdout } = await context.sh(
        `printf '%s\\0' ${names.map((name) => `"$${name}"`).join(" ")}; [ "\${EMPTY+set}" = set ] && printf set`,
        { env },
      );
      context.bytes("the values", stdout.bytes, `${Object.values(env).join("\0")}\0set`);
    },
  },
  {
    id: "environment.pairs-last-counts",
    title: "Of pairs with one name the last counts, and a command's own value wins over the session's",
    needs: needsCommands,
    tools: ["sh", "env", "grep"],
    async run(context) {
      const session = await context.freshSession({ env: { SHARED: "session", ONLY: "session" } });
      const { stdout } = await session.commands.run({
        script: "env | grep -E '^(SHARED|ONLY|TWICE)=' | sort",
        env: [
          ["TWICE", "first"],
          ["SHARED", "command"],
          ["TWICE", "second"],
        ],
      });
      context.bytes("the variables", stdout.bytes, "ONLY=session\nSHARED=command\nTWICE=second\n");
      const again = await session.commands.run({ script: 'echo "$SHARED $ONLY"' });
      context.bytes("the session's own, in the next command", again.stdout.bytes, "session session\n");
    },
  },
  {
    id: "environment.commands-share-nothing",
    title: "What one command is given, exports or changes into is not there for the next",
    needs: needsCommands,
    tools: ["sh"],
    async run(context) {
      const env = { GIVEN: "1" };
      await context.session.commands.run({ script: "export LEAK=1; cd /; umask 000; echo set", env });
      const script = 'echo "${LEAK-unset} ${GIVEN-unset}"; pwd -P';
      const { stdout } = await context.session.commands.run({ script });
      context.bytes("the next command's view", stdout.bytes, `unset unset\n${context.session.workspace}\n`);
    },
  },
  {
    id: "environment.path-is-the-commands",
    title: "A program is looked up on the command's own PATH",
    needs: needsCommands,
    tools: ["sh"],
    async run(context) {
      const directory = await context.directory();
      const name = context.unique("tool");
      await context.shText(`printf '#!/bin/sh\\necho found "$1"\\n' > ${name}; chmod 755 ${name}`);
      const { commands } = context.session;
      const path = (await commands.run({ script: 'printf %s "$PATH"' })).stdout.text();
      await context.rejects("without it", () => commands.run({ program: name }), "not_found");
      const { stdout } = await commands.run({ program: name, args: ["it"], env: { PATH: `${directory}:${path}` } });
      context.bytes("with it", stdout.bytes, "found it\n");
    },
  },
  {
    id: "environment.wrong-names",
    title: "A variable with no name, with `=` or NUL in it, or a NUL in its value, is an invalid request",
    needs: needsCommands,
    async run(context) {
      const { commands } = context.session;
      for (const env of [[["", "x"]], [["A=B", "x"]], [["A\0B", "x"]], [["A", "x\0y"]]] as const) {
        await context.rejects(JSON.stringify(env), () => commands.run({ script: "echo ran", env }), "invalid_request");
      }
    },
  },
];
