import { randomUUID } from "node:crypto";
import {
  parseUntrusted,
  type RemoteRunnerProvider,
  type ResumedSession,
  type RunnerDestination,
  runnerIdSchema,
  type RunnerSessionOptions,
} from "@mooring/api";
import { myPlaceCapabilities } from "./capabilities.js";
import { type MyPlaceConfig, myPlaceConfigSchema } from "./config.js";
import { failure, throwIfAborted } from "./failure.js";
import { type KnownSession, withLabels } from "./known-sessions.js";
import { MemorySession } from "./session.js";
import { MemoryTree } from "./tree.js";
import { parseConfig, parseRoots, parseState } from "./untrusted.js";

const defaultWorkspace = "/workspace";

/** A place in memory: one tree of files for each provider that is made, gone with it. */
export function myPlace(): RemoteRunnerProvider<MyPlaceConfig> {
  const tree = new MemoryTree();
  const known = new Map<string, KnownSession>();

  /** Opens a session, of an id that is new or of one that is known and has no owner. */
  async function open(
    destination: RunnerDestination<MyPlaceConfig>,
    sessionId: string,
    options: RunnerSessionOptions,
    onDispose: "close" | "destroy",
    operation: string,
  ): Promise<MemorySession> {
    const config = await parseConfig(destination);
    const roots = await parseRoots(options, options.workspace ?? config.workspace ?? defaultWorkspace);
    // From here on nothing is awaited: of two calls for one id, the second finds what the first has made.
    throwIfAborted(options.signal, operation);
    const former = known.get(sessionId);
    if (former !== undefined && operation === "createSession") {
      throw failure("already_exists", `The session ${sessionId} exists: resume it`, { operation, resource: "session" });
    }
    if (former?.live === true) {
      throw failure("conflict", `The session ${sessionId} has an owner that lives`, { operation, resource: "session" });
    }
    const { made, blocker } = tree.ensureDirectory(roots.workspace);
    if (blocker !== undefined) {
      throw failure("invalid_request", `Expected \`workspace\` to be a directory, ${blocker} is a file`, { operation });
    }
    const session: KnownSession = former ?? {
      sessionId,
      destinationId: destination.id,
      labels: { ...options.labels },
      createdAtMs: Date.now(),
      made,
      live: true,
    };
    session.live = true;
    known.set(sessionId, session);
    return new MemorySession({
      id: sessionId,
      destinationId: destination.id,
      tree,
      roots,
      onDispose: options.onDispose ?? onDispose,
      onEnd(ending) {
        session.live = false;
        if (ending !== "destroyed" || known.get(sessionId) !== session) return;
        known.delete(sessionId);
        // What was there before stays.
        const [outermost] = session.made;
        if (outermost !== undefined) tree.remove(outermost);
      },
    });
  }

  return {
    specificationVersion: "runner-v1",
    id: "my-place",
    configSchema: myPlaceConfigSchema,
    capabilities: myPlaceCapabilities,
    defaultWorkspace: ({ workspace }) => workspace ?? defaultWorkspace,

    async validateDestination(destination, { signal } = {}) {
      throwIfAborted(signal, "validateDestination");
      await parseConfig(destination);
    },

    async createSession(destination, options = {}) {
      throwIfAborted(options.signal, "createSession");
      const sessionId = await parseUntrusted(runnerIdSchema, options.sessionId ?? randomUUID(), "`sessionId`");
      return await open(destination, sessionId, options, "destroy", "createSession");
    },

    async resumeSession(destination, given, options = {}): Promise<ResumedSession> {
      const operation = "resumeSession";
      throwIfAborted(options.signal, operation);
      const { sessionId, workspace } = await parseState(given, destination.id);
      const isLost = !known.has(sessionId);
      if (isLost && options.onLost !== "recreate") {
        throw failure("not_found", `The session ${sessionId} is gone`, { operation, resource: "session" });
      }
      const session = await open(destination, sessionId, { workspace, ...options }, "close", operation);
      return isLost
        ? { session, outcome: "recreated", missing: ["The files of the former session are gone."] }
        : { session, outcome: "reattached", missing: [] };
    },

    async *listSessions(destination, { labels = {}, signal } = {}) {
      throwIfAborted(signal, "listSessions");
      await parseConfig(destination);
      yield* withLabels(known.values(), destination.id, labels);
    },
  };
}
