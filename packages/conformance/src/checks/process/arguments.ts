import { type Check, needsCommands } from "../../check.js";
import { patternBytes } from "../../support/collect.js";

/** Prints its arguments, each followed by a NUL byte. */
const printArguments = ["-c", String.raw`printf '%s\0' "$@"`, "sh"] as const;

function joined(parts: readonly (string | Uint8Array)[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts.flatMap((part) => [Buffer.from(part as string), Buffer.of(0)])));
}

export const argumentChecks: readonly Check[] = [
  {
    id: "process.argv-every-byte",
    title: "An argument of all 255 bytes that an argument can hold arrives byte for byte",
    needs: needsCommands,
    tools: ["sh"],
    async run(context) {
      const every = Uint8Array.from({ length: 255 }, (_, index) => index + 1);
      const result = await context.session.commands.run({
        program: "sh",
        args: [...printArguments, every],
      });
      context.bytes("the bytes 1 to 255", result.stdout.bytes, joined([every]));
    },
  },
  {
    id: "process.argv-no-shell-between",
    title: "Arguments that a shell would read otherwise arrive as they are",
    needs: needsCommands,
    tools: ["sh"],
    async run(context) {
      const words = [
        "-n",
        "--",
        "-",
        "",
        " ",
        "a  b",
        "$HOME",
        "$(id)",
        "`id`",
        "*",
        "~",
        "a;b|c&d",
        "'",
        '"',
        "\\",
        "\\n",
        "line\nbreak\n",
        "\r",
        "ü€😀",
        "%s",
        "!!",
        "{a,b}",
        "a=b",
      ];
      const result = await context.session.commands.run({
        program: "sh",
        args: [...printArguments, ...words],
      });
      context.bytes("each word unchanged", result.stdout.bytes, joined(words));
    },
  },
  {
    id: "process.argv-large",
    title: "100 kB in one argument and 1 MB in twenty arrive whole",
    needs: needsCommands,
    tools: ["sh"],
    async run(context) {
      const large = Buffer.from(patternBytes(50_000)).toString("hex");
      for (const [asked, words] of [
        ["one argument of 100,000 bytes", [large]],
        ["twenty of 50,000 bytes", Array.from({ length: 20 }, () => large.slice(0, 50_000))],
      ] as const) {
        const result = await context.session.commands.run({
          program: "sh",
          args: [...printArguments, ...words],
          maxOutputBytes: 4_000_000,
        });
        context.bytes(asked, result.stdout.bytes, joined(words));
      }
    },
  },
  {
    id: "process.argv-too-large",
    title: "An argument of 200 kB arrives whole, or is refused as an invalid request",
    needs: needsCommands,
    tools: ["sh"],
    async run(context) {
      const word = "x".repeat(200_000);
      const outcome = await context.outcome("one argument of 200,000 bytes", () =>
        context.session.commands.run({ program: "sh", args: [...printArguments, word] }),
      );
      if ("error" in outcome) {
        await context.rejects("its refusal", () => Promise.reject(outcome.error), "invalid_request");
        return;
      }
      context.bytes("its arrival", outcome.value.stdout.bytes, joined([word]));
    },
  },
  {
    id: "process.argv-nul-refused",
    title: "A NUL byte in a program, an argument, a script or a directory is an invalid request",
    needs: needsCommands,
    async run(context) {
      const { commands } = context.session;
      const requests = [
        { program: "sh\0" },
        { program: "sh", args: ["a\0b"] },
        { program: "sh", args: [Uint8Array.of(97, 0)] },
        { script: "echo a\0b" },
        { program: "sh", cwd: "a\0b" },
      ];
      for (const request of requests) {
        await context.rejects(
          JSON.stringify(request),
          () => commands.run(request as Parameters<typeof commands.run>[0]),
          "invalid_request",
        );
      }
    },
  },
  {
    id: "process.script-as-is",
    title: "A script reaches its shell unchanged: quotes, newlines, comments and UTF-8",
    needs: needsCommands,
    tools: ["sh"],
    async run(context) {
      const script = `printf '%s|' "it's" 'ü€' "a\\"b" # a comment\nprintf '%s' '$HOME' "\\\\"\n\n`;
      const result = await context.session.commands.run({ script });
      context.bytes("the script's output", result.stdout.bytes, `it's|ü€|a"b|$HOME\\`);
      context.bytes("its standard error", result.stderr.bytes, "");
    },
  },
  {
    id: "process.directory",
    title: "A command runs in its `cwd`, relative to the workspace or absolute, else in the workspace",
    needs: needsCommands,
    tools: ["sh"],
    async run(context) {
      const directory = await context.directory();
      const { commands, workspace } = context.session;
      const name = directory.slice(directory.lastIndexOf("/") + 1);
      for (const [cwd, expected] of [
        [undefined, workspace],
        [name, directory],
        [directory, directory],
        [new TextEncoder().encode(name), directory],
      ] as const) {
        const result = await commands.run({ script: "pwd -P", ...(cwd === undefined ? {} : { cwd }) });
        context.bytes(`pwd with cwd ${String(cwd)}`, result.stdout.bytes, `${expected}\n`);
      }
    },
  },
  {
    id: "process.cannot-start",
    title: "A program that is missing or not executable, and a missing directory, reject and are no exit codes",
    needs: needsCommands,
    tools: ["sh"],
    async run(context) {
      const { commands } = context.session;
      const directory = await context.directory();
      await context.shText("echo 'echo no' > plain; chmod 600 plain");
      await context.rejects(
        "a program that is nowhere",
        () => commands.run({ program: context.unique("no-such-program") }),
        "not_found",
      );
      await context.rejects(
        "a path that is nowhere",
        () => commands.run({ program: `${directory}/no-such-program` }),
        "not_found",
      );
      await context.rejects(
        "a file that is not executable",
        () => commands.run({ program: `${directory}/plain` }),
        "permission_denied",
      );
      await context.rejects(
        "a directory that is not there",
        () => commands.run({ script: "echo ran", cwd: `${directory}/missing` }),
        "not_found",
      );
      await context.rejects(
        "a directory that is a file",
        () => commands.run({ script: "echo ran", cwd: `${directory}/plain` }),
        "invalid_request",
        "not_found",
      );
    },
  },
];
