import { RunnerError, type RunnerCommandRequest } from "@mooring/api";
import { type Check, needsAll, needsCommands, needsFiles, needsMode } from "../../check.js";
import type { CheckContext } from "../../check-context.js";
import { collectItems } from "../../support/collect.js";

/** Controls, what reorders text, line ends of any kind, and tags that nobody sees. */
const unprintable = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}\u{e0000}-\u{e007f}]/u;

const hostileName = "a\u001b]0;owned\u0007\u001b[31m\r\n\u009b2J\u202efdp\u2066\u{e0041}z";

/** Nothing that a terminal or a reader could mistake may stand in a message as it is. */
function printable(context: CheckContext, asked: string, text: string): void {
  const found = unprintable.exec(text);
  if (found === null) return context.note(asked, "printable");
  const code = found[0].codePointAt(0)?.toString(16).padStart(4, "0");
  return context.fail(`${asked}: expected no control character in it`, `U+${code} at ${found.index}`);
}

async function messageOf(context: CheckContext, asked: string, call: () => PromiseLike<unknown>): Promise<void> {
  const outcome = await context.outcome(asked, call);
  if (!("error" in outcome)) return context.note(asked, "worked");
  if (!RunnerError.is(outcome.error)) return context.fail(`${asked}: expected a RunnerError`, "something else");
  return printable(context, `the message of ${asked}`, outcome.error.message);
}

export const nameChecks: readonly Check[] = [
  {
    id: "hostile.messages-are-printable",
    title: "No message holds a control, bidi or tag character, whatever stood in a name or a request",
    async run(context) {
      const { files, commands } = context.session;
      printable(context, "the session's description", context.session.description);
      if (context.capabilities.files.access !== "none") {
        const calls = {
          read: () => files.read(hostileName),
          stat: () => files.stat(hostileName),
          list: () => collectItems(files.list(hostileName)),
          "a read outside": () => files.read(`../${hostileName}`),
          "a write without parents": () => files.write(`${hostileName}/x`, "x"),
          rename: () => files.rename(hostileName, "other"),
          copy: () => files.copy(hostileName, "other"),
          remove: () => files.remove(hostileName),
          "a wrong pattern": () => collectItems(files.grep(`(${hostileName}`)),
        };
        for (const [asked, call] of Object.entries(calls)) await messageOf(context, asked, call);
      }
      if (context.capabilities.commands.output !== "none") {
        const requests: Readonly<Record<string, object>> = {
          "a missing program": { program: hostileName },
          "a missing directory": { script: "exit", cwd: hostileName },
          "a wrong id": { script: "exit", commandId: hostileName },
          "a wrong variable": { script: "exit", env: { [`${hostileName}=`]: "x" } },
          "a wrong mode": { script: "exit", stdin: hostileName },
          "a user": { script: "exit", user: hostileName },
          "a missing shell": { script: "exit", shell: hostileName },
        };
        for (const [asked, request] of Object.entries(requests)) {
          await messageOf(context, asked, () => commands.run(request as RunnerCommandRequest));
        }
        await messageOf(context, "attach", () => commands.attach(hostileName));
      }
      const { provider, destination } = context;
      const lies = { ...context.session.state(), sessionId: hostileName };
      await messageOf(context, "resume", () => provider.resumeSession(destination, lies));
      await messageOf(context, "a wrong workspace", () =>
        provider.createSession(destination, context.sessionOptions({ workspace: hostileName })),
      );
      await messageOf(context, "a wrong destination", () =>
        provider.validateDestination({ ...destination, providerId: hostileName }),
      );
    },
  },
  {
    id: "hostile.listed-names-exact",
    title: "Names of 255 bytes, with newlines, escapes and bytes that are no UTF-8, are listed exactly and can be used",
    needs: needsFiles,
    async run(context) {
      const directory = await context.directory();
      const { files } = context.session;
      const names = [
        Buffer.from("n".repeat(255)),
        Buffer.from("ü".repeat(127)),
        Buffer.from(hostileName.replaceAll("\u0000", "")),
        Buffer.from("..."),
        Buffer.from("~"),
        Buffer.from("-n"),
        Buffer.from("\n\n"),
        Buffer.from([0xc3, 0x28, 0xff, 0x0a, 0x80]),
      ];
      const prefix = Buffer.from(`${directory}/names/`);
      for (const name of names) {
        await files.write(Buffer.concat([prefix, name]), "needle", { createParents: true });
      }
      const wanted = names.map((name) => name.toString("hex")).sort();
      const rest = (item: { readonly path: string; readonly pathBytes?: Uint8Array }) =>
        Buffer.from(item.pathBytes ?? Buffer.from(item.path))
          .subarray(prefix.length)
          .toString("hex");
      const options = { cwd: `${directory}/names`, includeHidden: true };
      const found = {
        "names of `list`": await collectItems(files.list(`${directory}/names`)),
        "names of `glob`": await collectItems(files.glob("*", options)),
        "names of `grep`": await collectItems(
          files.grep("needle", { path: `${directory}/names`, includeHidden: true }),
        ),
      };
      for (const [asked, items] of Object.entries(found)) context.equal(asked, items.map(rest).sort(), wanted);
      for (const item of found["names of `list`"]) await files.remove(item.pathBytes ?? item.path);
      context.equal("what is left", (await collectItems(files.list(`${directory}/names`))).length, 0);
    },
  },
  {
    id: "hostile.ids-are-no-scripts",
    title: "Ids, labels and names that a shell or a path could misread are refused or kept exactly, and never run",
    needs: needsAll(needsCommands, needsFiles),
    tools: ["sh"],
    async run(context) {
      const directory = await context.directory();
      const canary = `${directory}/canary`;
      const { provider, destination, session } = context;
      const words = [`$(touch ${canary})`, `\`touch ${canary}\``, `';touch ${canary};'`, `";touch ${canary};"`];
      const ids = [...words, `x\ntouch ${canary}`, "../../x", "a/b", ".", "..", "-rf", "a\0b", "x".repeat(200)];
      for (const id of ids) {
        const asked = JSON.stringify(id).slice(0, 30);
        if (/^[\w-][\w.-]{0,127}$/.test(id)) continue;
        const codes = ["invalid_request", "not_found"] as const;
        await context.rejects(
          `a command's id ${asked}`,
          () => session.commands.run({ commandId: id, script: "exit" }),
          "invalid_request",
        );
        if (context.capabilities.commands.attach !== "none") {
          await context.rejects(`attaching to ${asked}`, () => session.commands.attach(id), ...codes);
        }
        await context.outcome(`cancelling ${asked}`, () => session.commands.cancel(id));
        await context.rejects(
          `a session's id ${asked}`,
          () => provider.createSession(destination, context.sessionOptions({ sessionId: id })),
          "invalid_request",
        );
      }
      const odd = await session.commands.run({ commandId: `-rf.${context.unique()}`, script: "echo ran" });
      context.bytes("a command whose id begins with a dash", odd.stdout.bytes, "ran\n");
      for (const word of words) {
        const labels = { run: word, [`k-${context.unique()}`]: `${word}=x\n` };
        const opened = await context.outcome("a session with such labels", () => context.freshSession({ labels }));
        if (!("value" in opened) || provider.listSessions === undefined) continue;
        const listed = await context.outcome("listing by them", () =>
          collectItems(provider.listSessions?.(destination, { labels }) ?? noSessions()),
        );
        if ("value" in listed) {
          context.equal(
            "labels as listed",
            listed.value.map((info) => info.labels),
            [labels],
          );
        }
        await opened.value.destroy();
      }
      await context.rejects("the canary", () => session.files.stat(canary), "not_found");
    },
  },
  {
    id: "hostile.thousand-variables",
    title: "A thousand variables, with values that a shell would run, arrive exactly and start nothing",
    needs: needsAll(needsCommands, needsFiles, needsMode("commands", "output", "bytes")),
    tools: ["sh", "env"],
    async run(context) {
      const directory = await context.directory();
      const env: Record<string, string> = {};
      for (let index = 0; index < 1_000; index += 1) {
        env[`MOORING_CHECK_${index}`] = `\${x:-$(touch canary)}\`touch canary\`;touch canary;'"${index}`;
      }
      const { stdout } = await context.session.commands.run({ program: "env", env, cwd: directory });
      const lines = new Set(stdout.text().split("\n"));
      const missing = Object.entries(env).filter(([name, value]) => !lines.has(`${name}=${value}`));
      context.equal("variables that did not arrive", missing.length, 0);
      const { exit } = await context.session.commands.run({
        script: ": $MOORING_CHECK_1; exit 4",
        env,
        cwd: directory,
      });
      context.equal("a script's exit among them", exit, { kind: "code", code: 4 });
      await context.rejects("the canary", () => context.session.files.stat(`${directory}/canary`), "not_found");
    },
  },
];

async function* noSessions(): AsyncGenerator<never> {}
