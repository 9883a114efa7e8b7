import { type RemoteRunnerSession, RunnerError, type RunnerSessionState } from "@mooring/api";
import { type Check, needsAll, needsFiles, needsMode } from "../../check.js";
import type { CheckContext } from "../../check-context.js";
import { collectItems, decode } from "../../support/collect.js";

function resume(
  context: CheckContext,
  state: unknown,
  options: { onLost?: "fail" | "restore" | "recreate"; signal?: AbortSignal } = {},
) {
  return context.provider.resumeSession(context.destination, state as RunnerSessionState, {
    ...context.sessionOptions(),
    ...options,
  });
}

async function resumed(context: CheckContext, from: RemoteRunnerSession): Promise<RemoteRunnerSession> {
  const { session, outcome, missing } = await resume(context, JSON.parse(JSON.stringify(from.state())));
  context.afterwards(() => session.destroy());
  context.equal("outcome and what is missing", [outcome, missing], ["reattached", []]);
  context.equal("id and workspace", [session.id, session.workspace], [from.id, from.workspace]);
  return session;
}

export const resumingChecks: readonly Check[] = [
  {
    id: "lifecycle.state-is-json-without-secrets",
    title: "`state()` is JSON that comes back as it was, and holds no variable, configuration or secret",
    async run(context) {
      const canary = context.secret();
      const session = await context.freshSession({ env: { CANARY: canary } });
      const state = session.state();
      context.equal("through JSON", JSON.parse(JSON.stringify(state)), state);
      context.equal(
        "its ids",
        [state.version, state.providerId, state.sessionId, state.destinationId, state.workspace],
        [1, context.provider.id, session.id, context.destination.id, session.workspace],
      );
      const text = JSON.stringify(state);
      context.that("no variable in it", !text.includes(canary), "it holds the variable");
      const kept = ["id", "workspace"];
      const config = Object.entries((context.destination.config ?? {}) as object).filter(
        ([key]) => !kept.includes(key),
      );
      const found = config.filter(([key]) => Object.hasOwn(state.providerState, key)).map(([key]) => key);
      context.equal("keys of the configuration in its providerState", found, []);
    },
  },
  {
    id: "lifecycle.close-and-resume",
    title: "A closed session is resumed from its state with its files",
    needs: needsFiles,
    async run(context) {
      const first = await context.freshSession();
      const path = `${await context.directory()}/kept`;
      await first.files.write(path, "kept");
      await first.close();
      const second = await resumed(context, first);
      context.equal("the file", decode((await second.files.read(path)).contents), "kept");
    },
  },
  {
    id: "lifecycle.detach-and-resume",
    title: "A detached session is resumed from its state; the one that was detached is over",
    needs: needsAll(needsFiles, needsMode("lifecycle", "detach", "running")),
    async run(context) {
      const first = await context.freshSession();
      await first.detach();
      context.equal("`ended`", (await first.ended).reason, "detached");
      await context.rejects("a call on it", () => first.files.read("any"), "ended");
      const second = await resumed(context, first);
      context.equal("a call on the next", (await second.files.stat(".")).type, "directory");
    },
  },
  {
    id: "lifecycle.resume-what-is-gone",
    title: "Resuming what is gone is `not_found`; with `recreate` a new session comes, which says so",
    async run(context) {
      const first = await context.freshSession();
      const state = first.state();
      await first.destroy();
      await context.rejects("by default", () => resume(context, state), "not_found");
      await context.rejects(
        "with `restore` and no snapshot",
        () => resume(context, state, { onLost: "restore" }),
        "not_found",
        "unsupported",
      );
      const { session, outcome, missing } = await resume(context, state, { onLost: "recreate" });
      context.afterwards(() => session.destroy());
      context.equal("the outcome", outcome, "recreated");
      context.that("something to be named as missing", missing.length > 0, missing);
    },
  },
  {
    id: "lifecycle.resume-refuses-garbage",
    title: "A state that is foreign, of another version, or nonsense is refused, and nothing is opened by it",
    async run(context) {
      const state = (await context.freshSession()).state();
      const cases = {
        nothing: null,
        "a string": "state",
        "an empty object": {},
        "another version": { ...state, version: 2 },
        "another provider's": { ...state, providerId: "another" },
        "a session id that climbs": { ...state, sessionId: "../../etc" },
        "an empty session id": { ...state, sessionId: "" },
        "a relative workspace": { ...state, workspace: "work" },
        "a workspace with NUL": { ...state, workspace: "/a\0b" },
        "no providerState": { ...state, providerState: "x" },
        "one of a megabyte": { ...state, metadata: "x".repeat(1_000_000) },
      };
      for (const [asked, value] of Object.entries(cases)) {
        await context.rejects(asked, () => resume(context, value), "invalid_request");
      }
      await context.rejects(
        "another destination's",
        () => resume(context, { ...state, destinationId: "another" }),
        "invalid_request",
        "conflict",
      );
      await context.rejects(
        "an id that was never used",
        () => resume(context, { ...state, sessionId: context.unique() }),
        "not_found",
      );
    },
  },
  {
    id: "lifecycle.session-id-is-taken-once",
    title: "A session id that is in use is `already_exists`; one that is not well formed is an invalid request",
    async run(context) {
      const sessionId = context.unique("session");
      const session = await context.freshSession({ sessionId });
      context.equal("its id", session.id, sessionId);
      await context.rejects(
        "the same id",
        () => context.provider.createSession(context.destination, context.sessionOptions({ sessionId })),
        "already_exists",
      );
      for (const wrong of ["", ".hidden", "a/b", "../up", "a b", "x".repeat(129), "a\0"]) {
        await context.rejects(
          JSON.stringify(wrong).slice(0, 40),
          () => context.provider.createSession(context.destination, context.sessionOptions({ sessionId: wrong })),
          "invalid_request",
        );
      }
    },
  },
  {
    id: "lifecycle.aborted-opening",
    title:
      "Opening and resuming with an aborted signal reject `cancelled` and open nothing; a later abort leaves the session",
    async run(context) {
      const sessionId = context.unique("aborted");
      const reason = new Error("not wanted");
      const signal = AbortSignal.abort(reason);
      const error = await context.rejects(
        "createSession",
        () => context.provider.createSession(context.destination, context.sessionOptions({ sessionId, signal })),
        "cancelled",
      );
      context.that("its cause to be the reason", error.cause === reason, error.cause);
      const abort = new AbortController();
      const session = await context.freshSession({ sessionId, signal: abort.signal });
      abort.abort();
      if (context.capabilities.files.access !== "none") {
        context.equal("a call after a later abort", (await session.files.stat(".")).type, "directory");
      }
      const state = session.state();
      await session.close();
      await context.rejects("resumeSession", () => resume(context, state, { signal }), "cancelled");
    },
  },
  {
    id: "lifecycle.abort-while-opening",
    title: "An abort while a session is being opened rejects `cancelled` and leaves its id free, or comes too late",
    async run(context) {
      for (const delayMs of [0, 1, 5, 20, 60]) {
        const sessionId = context.unique("opening");
        const abort = new AbortController();
        const { provider, destination } = context;
        const options = context.sessionOptions({ sessionId, signal: abort.signal });
        const opening = provider.createSession(destination, options);
        setTimeout(() => abort.abort(new Error("not wanted")), delayMs);
        const outcome = await context.outcome(`opening with an abort after ${delayMs} ms`, () => opening);
        if ("value" in outcome) {
          await outcome.value.destroy();
          continue;
        }
        const cancelled = RunnerError.is(outcome.error) && outcome.error.code === "cancelled";
        context.that("the refusal to be `cancelled`", cancelled, outcome.error);
        const again = await context.freshSession({ sessionId });
        context.equal("the id once more", again.id, sessionId);
      }
    },
  },
  {
    id: "lifecycle.list-by-label",
    title: "Sessions are found by all of their labels, and by no others",
    async run(context) {
      const { provider, destination } = context;
      if (provider.listSessions === undefined) context.skip("the provider offers no listSessions");
      const label = context.unique("label");
      const session = await context.freshSession({ labels: { run: label, part: "one" } });
      const other = await context.freshSession({ labels: { run: label, part: "two" } });
      const idsOf = async (labels: Record<string, string>) =>
        (await collectItems(provider.listSessions?.(destination, { labels }) ?? collectNothing()))
          .map(({ sessionId }) => sessionId)
          .sort();
      await skipUnlessSupported(context, "listSessions", () => idsOf({ run: label }));
      context.equal("by one label", await idsOf({ run: label }), [session.id, other.id].sort());
      context.equal("by both", await idsOf({ run: label, part: "two" }), [other.id]);
      context.equal("by a wrong one", await idsOf({ run: label, part: "three" }), []);
      await session.destroy();
      context.equal("after destroying one", await idsOf({ run: label }), [other.id]);
    },
  },
  {
    id: "lifecycle.reap-spares-the-living",
    title: "`reap` removes no session whose owner lives",
    async run(context) {
      const { provider, destination } = context;
      const label = context.unique("label");
      const session = await context.freshSession({ labels: { run: label } });
      const report = await skipUnlessSupported(
        context,
        "reap",
        async () =>
          (await provider.reap?.(destination, { labels: { run: label } })) ??
          context.skip("the provider offers no reap"),
      );
      context.equal("the report", [report.reaped, report.kept], [[], [session.id]]);
      if (context.capabilities.files.access !== "none") {
        context.equal("a call afterwards", (await session.files.stat(".")).type, "directory");
      }
    },
  },
];

/** What a provider offers it may still lack at one destination: then it says so. */
async function skipUnlessSupported<Value>(
  context: CheckContext,
  name: string,
  call: () => Promise<Value>,
): Promise<Value> {
  try {
    return await call();
  } catch (error) {
    if (RunnerError.is(error) && error.code === "unsupported") {
      context.skip(`${name} rejects \`unsupported\` here: ${error.message}`);
    }
    throw error;
  }
}

async function* collectNothing(): AsyncGenerator<never> {}
