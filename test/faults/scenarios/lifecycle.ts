import type { Scenario } from "../scenario.js";

/** Opening, finding again and ending sessions. */
export const lifecycleScenarios: readonly Scenario[] = [
  {
    name: "validate",
    async run(stage) {
      const { provider, destination } = stage.options;
      await stage.call("validateDestination", () => provider.validateDestination(destination), {
        deadlineMs: stage.openMs,
      });
    },
  },
  {
    name: "close",
    async run(stage) {
      const session = await stage.open();
      if (session === undefined) return;
      await stage.call("close", () => session.close(), { deadlineMs: stage.endMs });
      await stage.call("close again", () => session.close(), { deadlineMs: stage.endMs });
      await stage.call("stat after the end", () => session.files.stat("."), { codes: ["ended"] });
      await stage.destroy(session);
    },
  },
  {
    name: "destroy",
    async run(stage) {
      const session = await stage.open();
      if (session === undefined) return;
      await stage.destroy(session);
      await stage.call("destroy again", () => session.destroy(), { deadlineMs: stage.endMs });
    },
  },
  {
    name: "dispose",
    async run(stage) {
      const session = await stage.open();
      if (session !== undefined) {
        await stage.call("dispose", () => session[Symbol.asyncDispose](), { deadlineMs: stage.endMs });
      }
    },
  },
  {
    name: "pause",
    async run(stage) {
      const session = await stage.open();
      if (session === undefined) return;
      await stage.call("pause", () => session.pause(), { deadlineMs: stage.endMs });
      await stage.destroy(session);
    },
  },
  {
    name: "resume",
    async run(stage) {
      const { provider, destination } = stage.options;
      const session = await stage.open();
      if (session === undefined) return;
      const state = session.state();
      await stage.call("detach", () => session.detach(), {
        deadlineMs: stage.endMs,
        codes: stage.options.farSide === "shell" ? ["unsupported"] : [],
      });
      const resumed = await stage.call("resumeSession", () => provider.resumeSession(destination, state), {
        deadlineMs: stage.openMs,
      });
      if (resumed === undefined) {
        await stage.destroy(session);
        return;
      }
      stage.watch(resumed.session);
      await stage.call("stat", () => stage.signalled((options) => resumed.session.files.stat(".", options)));
      await stage.destroy(resumed.session);
    },
  },
  {
    name: "resume-recreate",
    async run(stage) {
      const { provider, destination } = stage.options;
      const session = await stage.open();
      if (session === undefined) return;
      const state = session.state();
      await stage.destroy(session);
      const resumed = await stage.call(
        "resumeSession",
        () => provider.resumeSession(destination, state, { onLost: "recreate" }),
        { deadlineMs: stage.openMs * 2 },
      );
      if (resumed === undefined) return;
      stage.watch(resumed.session);
      await stage.destroy(resumed.session);
    },
  },
  {
    name: "list-sessions",
    async run(stage) {
      const { plainProvider, provider, destination } = stage.options;
      const other = await plainProvider.createSession(destination);
      const listing = async () => {
        const found: string[] = [];
        for await (const { sessionId } of provider.listSessions?.(destination) ?? []) found.push(sessionId);
        return found;
      };
      await stage.call("listSessions", listing, {
        deadlineMs: stage.openMs,
        truth: (found) => (stage.isLossy || found.includes(other.id) ? undefined : `it found ${found.length} others`),
      });
      await other.destroy();
    },
  },
  {
    name: "reap",
    async run(stage) {
      const { plainProvider, provider, destination } = stage.options;
      const other = await plainProvider.createSession(destination);
      await other.close();
      await stage.call("reap", async () => provider.reap?.(destination), {
        deadlineMs: stage.openMs,
        truth: (report) =>
          stage.isLossy || report?.reaped.includes(other.id) === true ? undefined : "it did not reap what was closed",
      });
    },
  },
  {
    name: "open-aborted",
    async run(stage) {
      const { provider, destination } = stage.options;
      const controller = new AbortController();
      setTimeout(() => controller.abort(), 30);
      const session = await stage.call(
        "createSession",
        () => provider.createSession(destination, { signal: controller.signal }),
        { codes: ["cancelled"], deadlineMs: stage.openMs },
      );
      if (session === undefined) return;
      stage.watch(session);
      await stage.destroy(session);
    },
  },
];
