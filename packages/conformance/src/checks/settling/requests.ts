import type { RunnerCommandRequest, RunnerDestination } from "@mooring/api";
import { type Check, needsCommands } from "../../check.js";
import type { CheckContext } from "../../check-context.js";

function withDestination(context: CheckContext, changes: object): RunnerDestination {
  return { ...context.destination, ...changes } as RunnerDestination;
}

/** `validateDestination` and `createSession` must agree, and nothing may be opened. */
async function refusesDestination(
  context: CheckContext,
  asked: string,
  destination: RunnerDestination,
  code: "invalid_request" | "unsupported",
): Promise<string> {
  const error = await context.rejects(
    `validateDestination of ${asked}`,
    () => context.provider.validateDestination(destination),
    code,
  );
  await context.rejects(
    `createSession of ${asked}`,
    async () => {
      const session = await context.provider.createSession(destination, context.sessionOptions());
      await session.destroy();
    },
    code,
  );
  return error.message;
}

export const requestChecks: readonly Check[] = [
  {
    id: "requests.secret-like-keys-in-config",
    title: "A key of the configuration that looks like a secret is refused at any depth, and its value is not repeated",
    async run(context) {
      const canary = context.secret();
      const config = (context.destination.config ?? {}) as object;
      for (const extra of [
        { password: canary },
        { apiKey: canary },
        { nested: { list: [{ accessToken: canary }] } },
        { AWS_SECRET_ACCESS_KEY: canary },
      ]) {
        const asked = Object.keys(extra).join();
        const message = await refusesDestination(
          context,
          asked,
          withDestination(context, { config: { ...config, ...extra } }),
          "invalid_request",
        );
        context.that("the message without the value", !message.includes(canary), "it repeats the value");
      }
    },
  },
  {
    id: "requests.wrong-config",
    title: "A configuration of the wrong kind is an invalid request that names what is wrong",
    async run(context) {
      for (const config of ["text", 7, [1], true]) {
        await refusesDestination(
          context,
          JSON.stringify(config),
          withDestination(context, { config }),
          "invalid_request",
        );
      }
      if (context.facts.wrongConfig === undefined) return;
      await refusesDestination(
        context,
        "the facts' wrongConfig",
        withDestination(context, { config: context.facts.wrongConfig }),
        "invalid_request",
      );
    },
  },
  {
    id: "requests.unknown-config-key",
    title: "A key that the configuration does not know is refused and named",
    async run(context) {
      const config = { ...(context.destination.config as object), mooringCheckUnknown: 1 };
      const message = await refusesDestination(
        context,
        "an unknown key",
        withDestination(context, { config }),
        "invalid_request",
      );
      context.that("the message to name it", message.includes("mooringCheckUnknown"), message);
    },
  },
  {
    id: "requests.destination-ids",
    title: "A destination with an empty id, or of another provider, is an invalid request",
    async run(context) {
      await refusesDestination(context, "an empty id", withDestination(context, { id: "" }), "invalid_request");
      await refusesDestination(
        context,
        "another provider's",
        withDestination(context, { providerId: "another" }),
        "invalid_request",
      );
    },
  },
  {
    id: "requests.unknown-requirement",
    title: "A requirement that is not understood is `unsupported`, never ignored",
    async run(context) {
      await refusesDestination(
        context,
        "requirement `mooringCheckUnknown`",
        withDestination(context, { requirements: { mooringCheckUnknown: 1 } }),
        "unsupported",
      );
    },
  },
  {
    id: "requests.session-options",
    title: "A relative workspace or root, a variable with a wrong name and a path with NUL are invalid requests",
    async run(context) {
      const { provider, destination } = context;
      for (const [asked, options] of [
        ["a relative workspace", { workspace: "work" }],
        ["an empty workspace", { workspace: "" }],
        ["a workspace with NUL", { workspace: "/a\0b" }],
        ["a relative read root", { readRoots: ["work"] }],
        ["a relative write root", { writeRoots: ["work"] }],
        ["a variable with =", { env: { "A=B": "x" } }],
        ["a variable with no name", { env: { "": "x" } }],
      ] as const) {
        await context.rejects(
          asked,
          async () => (await provider.createSession(destination, context.sessionOptions(options))).destroy(),
          "invalid_request",
        );
      }
    },
  },
  {
    id: "requests.wrong-commands",
    title:
      "A command with both program and script, with neither, or with a wrong number is an invalid request that names it",
    needs: needsCommands,
    async run(context) {
      const { commands } = context.session;
      const requests: Record<string, object> = {
        script: { program: "sh", script: "echo ran" },
        program: {},
        timeoutMs: { script: "echo ran", timeoutMs: -1 },
        graceMs: { script: "echo ran", graceMs: Number.NaN },
        maxOutputBytes: { script: "echo ran", maxOutputBytes: 1.5 },
        stderr: { script: "echo ran", stderr: "both" },
        output: { script: "echo ran", output: "keep" },
        stdin: { script: "echo ran", stdin: "hello" },
        commandId: { script: "echo ran", commandId: "../up" },
        args: { program: "echo", args: [7] },
      };
      for (const [field, request] of Object.entries(requests)) {
        const error = await context.rejects(
          JSON.stringify(request),
          () => commands.run(request as RunnerCommandRequest),
          "invalid_request",
        );
        context.that(`the message to name \`${field}\``, error.message.includes(field), error.message);
      }
      await context.rejects("an empty program", () => commands.run({ program: "" }), "invalid_request", "not_found");
      await context.rejects(
        "an empty commandId",
        () => commands.run({ script: "echo ran", commandId: "" }),
        "invalid_request",
      );
    },
  },
  {
    id: "requests.errors-are-whole",
    title:
      "An error is a sentence, names its operation, and can be carried as JSON; a command that cannot start says that it did not",
    async run(context) {
      const { files, commands } = context.session;
      const errors = [];
      if (context.capabilities.files.access !== "none") {
        const missing = context.unique("missing");
        errors.push(await context.rejects("a missing file", () => files.read(missing), "not_found"));
      }
      if (context.capabilities.commands.output !== "none") {
        const program = context.unique("missing");
        const error = await context.rejects("a missing program", () => commands.run({ program }), "not_found");
        context.equal("the phase of a command that did not start", error.phase, "before_start");
        errors.push(error);
      }
      for (const error of errors) {
        const carried = JSON.parse(JSON.stringify(error)) as { code?: unknown };
        context.equal("its code through JSON", carried.code, error.code);
        context.that(
          "a sentence and an operation",
          error.message.length > 10 && error.operation !== undefined,
          carried,
        );
      }
    },
  },
];
