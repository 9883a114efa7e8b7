import { runnerCapabilityModes, type RunnerCapabilities } from "@mooring/api";
import type { Check } from "../../check.js";
import { collectItems, streamOf } from "../../support/collect.js";

type Modes = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
const knownModes: Modes = runnerCapabilityModes;

function modeOf(capabilities: RunnerCapabilities, facet: string, field: string): string | undefined {
  return (capabilities as unknown as Record<string, Record<string, string> | undefined>)[facet]?.[field];
}

/** Only a claim that is made is refused here: what is claimed is proved by the other groups. */
function unclaimed(facet: keyof RunnerCapabilities, field: string) {
  return (capabilities: RunnerCapabilities) => {
    const mode = modeOf(capabilities, facet, field);
    const none = field === "access" ? mode !== "read-write" : mode === "none";
    return none ? undefined : `${facet}.${field} is claimed as ${mode}: other checks prove it`;
  };
}

const claimChecks: readonly Check[] = [
  {
    id: "capabilities.known-modes",
    title: "Every capability is there, with a mode that the contract knows",
    async run(context) {
      for (const [whose, capabilities] of [
        ["the session's", context.capabilities],
        ["the provider's", context.provider.capabilities],
      ] as const) {
        for (const [facet, fields] of Object.entries(knownModes)) {
          for (const [field, modes] of Object.entries(fields)) {
            const mode = modeOf(capabilities, facet, field);
            if (mode === undefined || !modes.includes(mode))
              context.fail(`${whose} ${facet}.${field} to be one of ${modes.join(", ")}`, mode);
          }
        }
        context.note(`${whose} capabilities`, "all modes are known");
      }
    },
  },
  {
    id: "capabilities.session-within-provider",
    title: "A session claims no more than its provider",
    async run(context) {
      const { provider, destination, capabilities } = context;
      const limits = [
        ["the provider's", provider.capabilities],
        ["capabilitiesFor's", provider.capabilitiesFor?.(destination)],
      ] as const;
      for (const [whose, most] of limits) {
        if (most === undefined) continue;
        for (const [facet, fields] of Object.entries(knownModes)) {
          for (const [field, modes] of Object.entries(fields)) {
            // Mounts are different ways, none of which is more than another, but `none`.
            const rank = (mode: string | undefined) =>
              facet === "mounts" && mode !== "none" ? 0 : modes.indexOf(mode ?? "");
            const [own, limit] = [modeOf(capabilities, facet, field), modeOf(most, facet, field)];
            if (rank(own) < rank(limit)) context.fail(`${facet}.${field} to be at most ${whose} ${limit}`, own);
          }
        }
        context.note(whose, "nothing above it");
      }
    },
  },
  {
    id: "capabilities.session-tells-where-it-is",
    title: "A session tells its ids, its absolute workspace, its platform, and a sentence for a model",
    async run(context) {
      const { session, provider } = context;
      context.equal("providerId", session.providerId, provider.id);
      context.equal("specificationVersion", provider.specificationVersion, "runner-v1");
      context.that("an id of the contract's form", /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$/.test(session.id), session.id);
      context.that("a provider id of the contract's form", /^[a-z][a-z0-9-]{0,63}$/.test(provider.id), provider.id);
      context.that("an absolute workspace", session.workspace.startsWith("/"), session.workspace);
      context.that("a description", session.description.length > 10, session.description);
      context.that(
        "a platform in lower case",
        session.platform.os !== "" && session.platform.os === session.platform.os.toLowerCase(),
        session.platform,
      );
      context.that(
        "expiresAtMs to be null or to come",
        session.expiresAtMs === null || session.expiresAtMs > Date.now(),
        session.expiresAtMs,
      );
    },
  },
  {
    id: "capabilities.workspace-is-real",
    title: "The workspace is where relative paths lead, with no link in it",
    needs: (capabilities) => (capabilities.commands.output === "none" ? "commands.output is none" : undefined),
    tools: ["sh"],
    async run(context) {
      const { stdout } = await context.session.commands.run({ script: "pwd -P" });
      context.equal("pwd -P", stdout.text(), `${context.session.workspace}\n`);
    },
  },
];

/** What a session without a capability must refuse, a check each. */
const refusals: readonly Check[] = [
  {
    id: "capabilities.refuses-commands",
    title: "Where commands are not claimed, running one is `unsupported`",
    needs: unclaimed("commands", "output"),
    run: async (context) =>
      void (await context.rejects("run", () => context.session.commands.run({ script: "echo ran" }), "unsupported")),
  },
  {
    id: "capabilities.refuses-stdin",
    title: "Where piped input is not claimed, asking for it is `unsupported`",
    needs: unclaimed("commands", "stdin"),
    run: async (context) =>
      void (await context.rejects(
        "stdin pipe",
        () => context.session.commands.run({ script: "cat", stdin: "pipe" }),
        "unsupported",
      )),
  },
  {
    id: "capabilities.refuses-terminal",
    title: "Where terminals are not claimed, asking for one is `unsupported`",
    needs: unclaimed("commands", "pty"),
    run: async (context) =>
      void (await context.rejects(
        "pty",
        () => context.session.commands.run({ script: "echo ran", pty: { columns: 80, rows: 24 } }),
        "unsupported",
      )),
  },
  {
    id: "capabilities.refuses-user",
    title: "Where other users are not claimed, asking for one is `unsupported`",
    needs: unclaimed("commands", "user"),
    run: async (context) =>
      void (await context.rejects(
        "user",
        () => context.session.commands.run({ script: "echo ran", user: "nobody" }),
        "unsupported",
      )),
  },
  {
    id: "capabilities.refuses-durable",
    title: "Where durable commands are not claimed, asking for one is `unsupported`",
    needs: unclaimed("commands", "durable"),
    run: async (context) =>
      void (await context.rejects(
        "durable",
        () => context.session.commands.run({ script: "echo ran", durable: true }),
        "unsupported",
      )),
  },
  {
    id: "capabilities.refuses-attach",
    title: "Where attaching is not claimed, it is `unsupported`",
    needs: unclaimed("commands", "attach"),
    run: async (context) =>
      void (await context.rejects("attach", () => context.session.commands.attach(context.unique()), "unsupported")),
  },
  {
    id: "capabilities.refuses-writing",
    title: "Where writing files is not claimed, it is `unsupported`",
    needs: unclaimed("files", "access"),
    run: async (context) =>
      void (await context.rejects("write", () => context.session.files.write(context.unique(), "x"), "unsupported")),
  },
  {
    id: "capabilities.refuses-watch",
    title: "Where watching is not claimed, it is `unsupported`",
    needs: unclaimed("files", "watch"),
    run: async (context) =>
      void (await context.rejects("watch", () => context.session.files.watch("."), "unsupported")),
  },
  {
    id: "capabilities.refuses-archive",
    title: "Where archives are not claimed, making and unpacking them is `unsupported`",
    needs: unclaimed("files", "archive"),
    async run(context) {
      const { files } = context.session;
      await context.rejects("archive", async () => await files.archive("."), "unsupported");
      await context.rejects(
        "extract",
        () => files.extract(".", streamOf(new Uint8Array(1_024)), { maxEntries: 1, maxTotalBytes: 1 }),
        "unsupported",
      );
    },
  },
  {
    id: "capabilities.refuses-expose",
    title: "Where exposing ports is not claimed, it is `unsupported`",
    needs: unclaimed("ports", "expose"),
    run: async (context) =>
      void (await context.rejects("expose", () => context.session.ports.expose({ port: 8_080 }), "unsupported")),
  },
  {
    id: "capabilities.refuses-connect",
    title: "Where connecting to ports is not claimed, it is `unsupported`",
    needs: unclaimed("ports", "connect"),
    run: async (context) =>
      void (await context.rejects("connect", () => context.session.ports.connect(8_080), "unsupported")),
  },
  {
    id: "capabilities.refuses-snapshots",
    title: "Where snapshots are not claimed, every call of theirs is `unsupported`, and starting from one, too",
    needs: unclaimed("snapshots", "native"),
    async run(context) {
      const { snapshots } = context.session;
      const reference = { providerId: context.provider.id, snapshotId: "any", metadata: null };
      await context.rejects("create", () => snapshots.create(), "unsupported");
      await context.rejects("list", () => snapshots.list(), "unsupported");
      await context.rejects("delete", () => snapshots.delete(reference), "unsupported");
      await context.rejects(
        "createSession from one",
        async () =>
          (
            await context.provider.createSession(context.destination, context.sessionOptions({ snapshot: reference }))
          ).destroy(),
        "unsupported",
      );
    },
  },
  {
    id: "capabilities.refuses-mounts",
    title: "Where mounting while running is not claimed, every call of it is `unsupported`",
    needs: unclaimed("mounts", "dynamic"),
    async run(context) {
      const { mounts } = context.session;
      await context.rejects(
        "add",
        () => mounts.add({ name: "m", path: "m", readOnly: true, intent: { kind: "s3", uri: "s3://bucket" } }),
        "unsupported",
      );
      await context.rejects("list", () => mounts.list(), "unsupported");
      await context.rejects("remove", () => mounts.remove("m"), "unsupported");
    },
  },
  {
    id: "capabilities.refuses-manifest-mounts",
    title: "A mount in the manifest of a kind that is not claimed is `unsupported`, never ignored",
    needs: unclaimed("mounts", "s3"),
    async run(context) {
      const mount = { name: "m", path: "m", readOnly: true, intent: { kind: "s3", uri: "s3://bucket" } } as const;
      const destination = { ...context.destination, defaultManifest: { entries: [], mounts: [mount] } };
      await context.rejects(
        "createSession",
        async () => (await context.provider.createSession(destination, context.sessionOptions())).destroy(),
        "unsupported",
      );
    },
  },
  {
    id: "capabilities.refuses-artifacts",
    title: "Where exporting artifacts is not claimed, it is `unsupported`",
    needs: unclaimed("artifacts", "export"),
    run: async (context) =>
      void (await context.rejects("export", () => context.session.artifacts.export({ path: "." }), "unsupported")),
  },
  {
    id: "capabilities.refuses-pause",
    title: "Where pausing is not claimed, it is `unsupported`, and the session goes on",
    needs: unclaimed("lifecycle", "pause"),
    async run(context) {
      await context.rejects("pause", () => context.session.pause(), "unsupported");
      if (context.capabilities.files.access === "none") return;
      context.that(
        "the session to go on",
        (await collectItems(context.session.files.list(".", { limit: 1 }))).length <= 1,
        "it does not",
      );
    },
  },
  {
    id: "capabilities.refuses-detach",
    title: "Where detaching is not claimed, it is `unsupported`",
    needs: unclaimed("lifecycle", "detach"),
    async run(context) {
      const session = await context.freshSession();
      await context.rejects("detach", () => session.detach(), "unsupported");
    },
  },
  {
    id: "capabilities.refuses-extend",
    title: "Where extending is not claimed, it is `unsupported`",
    needs: unclaimed("lifecycle", "extend"),
    run: async (context) => void (await context.rejects("extend", () => context.session.extend(60_000), "unsupported")),
  },
];

export const capabilityChecks: readonly Check[] = [...claimChecks, ...refusals];
