import { type RemoteRunnerSession, RunnerError } from "@mooring/api";
import { type Check, needsCommands } from "../../check.js";
import type { CheckContext } from "../../check-context.js";
import { collectItems } from "../../support/collect.js";
import { readFirst } from "../process/endings.js";

/** A session whose host knows one secret. */
async function sessionWithSecret(context: CheckContext, secret: string): Promise<RemoteRunnerSession> {
  return await context.freshSession({
    env: { SESSION_SECRET: { id: "the-secret" } },
    host: {
      resolveSecret: ({ id }) =>
        id === "the-secret" ? Promise.resolve(secret) : Promise.reject(new Error(`no secret ${id}`)),
    },
  });
}

/** All that an error says, its causes included. */
function allOf(error: unknown): string {
  if (!(error instanceof Error)) return JSON.stringify(error) ?? "";
  const own = RunnerError.is(error) ? JSON.stringify(error) : "";
  return [error.message, own, error.stack ?? "", allOf(error.cause ?? "")].join("\n");
}

async function* noSessions(): AsyncGenerator<never> {}

export const secretChecks: readonly Check[] = [
  {
    id: "environment.secret-reaches-the-command",
    title: "A SecretRef's value reaches the command, from the session's variables and the request's",
    needs: needsCommands,
    tools: ["sh"],
    async run(context) {
      const secret = context.secret();
      const session = await sessionWithSecret(context, secret);
      const { stdout } = await session.commands.run({
        script: 'printf "%s %s" "$SESSION_SECRET" "$COMMAND_SECRET"',
        env: { COMMAND_SECRET: { id: "the-secret" } },
      });
      context.that("both values", stdout.text() === `${secret} ${secret}`, stdout.text());
    },
  },
  {
    id: "environment.secret-nowhere-else",
    title: "A secret is in no state, list, label, description, error or process argument",
    needs: needsCommands,
    tools: ["sh", "grep", "sleep"],
    async run(context) {
      const secret = context.secret();
      const session = await sessionWithSecret(context, secret);
      const env = { COMMAND_SECRET: { id: "the-secret" } };
      const command = await session.commands.start({ script: "echo ready; sleep 30", env, graceMs: 0 });
      await readFirst(context, command);
      const listed = await context.outcome("listing the session", () =>
        collectItems(context.provider.listSessions?.(context.destination) ?? noSessions()),
      );
      const places = {
        "what is listed of it": "value" in listed ? JSON.stringify(listed.value) : "",
        "state()": JSON.stringify(session.state()),
        description: session.description,
        "commands.list()": JSON.stringify(await session.commands.list()),
        "the result": "",
        "a failed start": "",
        "process arguments": "",
      };
      const found = await session.commands.run({
        script: `[ -r /proc/self/cmdline ] && grep -l '[${secret.charAt(0)}]${secret.slice(1)}' /proc/[0-9]*/cmdline 2>/dev/null; :`,
      });
      places["process arguments"] = found.stdout.text() === "" ? "" : secret;
      const failed = await context.outcome("a program that is nowhere", () =>
        session.commands.run({ program: context.unique("none"), env }),
      );
      places["a failed start"] = "error" in failed ? allOf(failed.error) : "";
      await command.cancel();
      const { stdout: _stdout, stderr: _stderr, ...rest } = await command.result();
      places["the result"] = JSON.stringify(rest);
      for (const [place, text] of Object.entries(places)) {
        context.that(`${place} to be free of it`, !text.includes(secret), "it holds the secret");
      }
    },
  },
  {
    id: "environment.secret-not-resolved",
    title:
      "A secret that cannot be resolved starts nothing, and what the resolver said of it does not come out as a value",
    needs: needsCommands,
    tools: ["sh"],
    async run(context) {
      const secret = context.secret();
      const session = await sessionWithSecret(context, secret);
      const directory = await context.directory();
      const request = { script: "echo ran > ran", cwd: directory };
      const error = await context.rejects(
        "an id that is not known",
        () => session.commands.run({ ...request, env: { A: { id: "the-secret" }, B: { id: "unknown" } } }),
        "invalid_request",
        "not_found",
        "unavailable",
        "unauthenticated",
        "internal",
      );
      context.that("the error to be free of the other secret", !allOf(error).includes(secret), "it holds it");
      await context.rejects(
        "a session whose host resolves nothing",
        () => context.session.commands.run({ ...request, env: { A: { id: "the-secret" } } }),
        "invalid_request",
        "unsupported",
        "unavailable",
      );
      context.equal("whether it ran", await context.shText("[ -e ran ] && echo ran; :"), "");
    },
  },
];
