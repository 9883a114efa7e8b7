import {
  type JsonObject,
  parseUntrusted,
  type RemoteRunnerProvider,
  type ResumedSession,
  type RunnerDestination,
  RunnerError,
  runnerSessionStateSchema,
  type RunnerResumeOptions,
  type RunnerSessionOptions,
  type RunnerSessionState,
} from "@mooring/api";
import { throwIfAborted } from "../async/abort.js";
import { expected } from "../errors/expected.js";
import type { ProviderContext, ProviderDefinition } from "./provider-definition.js";
import type { RunnerTransport } from "../transport.js";
import { guardTransport, requireTransport } from "../transport/guarded-transport.js";
import { limitedCall } from "../transport/limited-call.js";
import { openSession } from "./open-session.js";
import { limitsOf } from "./policy-limits.js";
import { withoutRootLabel, withRootLabel } from "./root-label.js";
import { reapSessions, recordedSessions } from "./session-registry.js";
import { parseDestination, withoutSecretLikeKeys } from "./untrusted-destination.js";
import { labelsSchema, parseSessionOptions, type SessionOptions } from "./untrusted-options.js";

const idPattern = /^[a-z][a-z0-9-]{0,63}$/;

/**
 * Makes a provider of a way to reach places. Input is checked here, before anything is created: configuration, options and
 * stored state are untrusted.
 */
export function defineProvider<Config>(definition: ProviderDefinition<Config>): RemoteRunnerProvider<Config> {
  if (!idPattern.test(definition.id))
    throw expected("id", "a lower-case letter and then at most 63 of a-z 0-9 -", definition.id);
  const { id: providerId } = definition;
  const configSchema = withoutSecretLikeKeys(definition.configSchema);
  const parse = (destination: RunnerDestination<Config>) => parseDestination(destination, providerId, configSchema);

  async function contextFor(
    destination: RunnerDestination<Config>,
    options: Pick<SessionOptions, "workspace" | "labels" | "host" | "signal">,
    sessionId: string | undefined,
  ): Promise<ProviderContext<Config>> {
    const parsed = await parse(destination);
    const { config } = parsed;
    const workspace = options.workspace ?? definition.defaultWorkspace?.(config);
    if (workspace === undefined)
      throw expected("workspace", "an absolute path, as the configuration implies none", workspace);
    const { labels, host, signal } = options;
    return { destination: parsed, config, sessionId, workspace, labels, host, signal };
  }

  async function create(
    destination: RunnerDestination<Config>,
    options: SessionOptions,
  ): Promise<ResumedSession["session"]> {
    const context = await contextFor(destination, options, options.sessionId);
    await validated(context, "createSession");
    throwIfAborted(options.signal, "createSession");
    return openSession({ definition, context, options, mode: "create", open: (timed) => definition.create(timed) });
  }

  return {
    specificationVersion: "runner-v1",
    id: providerId,
    configSchema,
    capabilities: definition.capabilities,
    ...bound(definition, ["capabilitiesFor", "parseLocation", "defaultWorkspace", "setupHint"]),

    async validateDestination(destination, options = {}) {
      throwIfAborted(options.signal, "validateDestination");
      const context = await contextFor(
        destination,
        { workspace: undefined, labels: {}, host: undefined, signal: options.signal },
        undefined,
      );
      await validated(context, "validateDestination");
    },

    async createSession(destination, options: RunnerSessionOptions = {}) {
      throwIfAborted(options.signal, "createSession");
      return create(destination, await parseSessionOptions(options, providerId));
    },

    async resumeSession(
      destination,
      state: RunnerSessionState,
      options: RunnerResumeOptions = {},
    ): Promise<ResumedSession> {
      throwIfAborted(options.signal, "resumeSession");
      const onLost = requireOnLost(options.onLost);
      const known = await parseState(state, destination, providerId);
      const parsed = await parseSessionOptions(
        { workspace: known.workspace, ...options, sessionId: known.sessionId },
        providerId,
      );
      const context = await contextFor(destination, parsed, known.sessionId);
      try {
        const session = await openSession({
          definition,
          context,
          options: parsed,
          mode: "resume",
          open: async (timed) => requireFound(await definition.attach(timed, known.providerState), known.sessionId),
        });
        return { session, outcome: "reattached", missing: [] };
      } catch (error) {
        if (onLost === "fail" || !isLoss(error)) throw error;
        if (onLost === "restore") {
          throw new RunnerError(
            "not_found",
            `The session ${known.sessionId} is gone, and its state names no snapshot to restore`,
            {
              provider: providerId,
              operation: "resumeSession",
              resource: "snapshot",
              retryable: false,
              cause: error,
            },
          );
        }
        return {
          session: await create(destination, parsed),
          outcome: "recreated",
          missing: ["Its commands and their output are gone."],
        };
      }
    },

    ...(definition.list === undefined && definition.connect === undefined
      ? {}
      : {
          async *listSessions(destination: RunnerDestination<Config>, options: ListOptions = {}) {
            throwIfAborted(options.signal, "listSessions");
            const context = await placeContext(destination, options);
            if (definition.list !== undefined) return yield* definition.list(context);
            await using place = await connected(context, "listSessions");
            if (place === undefined) return;
            const sessions = await recordedSessions(
              place,
              ownLabels(context),
              options.signal,
              limitsOf(definition, context.config),
            );
            yield* sessions.map(withoutRootLabel);
          },
        }),
    ...(definition.reap === undefined && definition.connect === undefined
      ? {}
      : {
          async reap(destination: RunnerDestination<Config>, options: ListOptions = {}) {
            throwIfAborted(options.signal, "reap");
            const context = await placeContext(destination, options);
            if (definition.reap !== undefined) return definition.reap(context);
            await using place = await connected(context, "reap");
            if (place === undefined) return { reaped: [], kept: [] };
            return await reapSessions(place, ownLabels(context), options.signal, limitsOf(definition, context.config));
          },
        }),
  };

  async function validated(context: ProviderContext<Config>, operation: string): Promise<void> {
    if (definition.validate === undefined) return;
    const { placeTimeoutMs: timeoutMs } = limitsOf(definition, context.config);
    await limitedCall(
      { operation, what: "validating the destination", timeoutMs, signal: context.signal },
      async (signal) => definition.validate?.({ ...context, signal }),
    );
  }

  async function connected(context: ProviderContext<Config>, operation: string): Promise<RunnerTransport | undefined> {
    const limits = limitsOf(definition, context.config);
    const transport = await limitedCall<RunnerTransport | undefined>(
      {
        operation,
        what: "connecting to the place",
        timeoutMs: limits.placeTimeoutMs,
        signal: context.signal,
        discard: (late) => late?.[Symbol.asyncDispose](),
      },
      async (signal) =>
        definition.connect === undefined
          ? undefined
          : requireTransport(await definition.connect({ ...context, signal })),
    );
    return transport === undefined ? undefined : guardTransport(transport, limits);
  }

  function ownLabels({ labels, config }: ProviderContext<Config>): Readonly<Record<string, string>> {
    return withRootLabel(labels, definition.defaultWorkspace?.(config));
  }

  async function placeContext(
    destination: RunnerDestination<Config>,
    options: ListOptions,
  ): Promise<ProviderContext<Config>> {
    const labels = await parseUntrusted(labelsSchema.default({}), options.labels, "labels", { provider: providerId });
    return contextFor(
      destination,
      { workspace: undefined, labels, host: undefined, signal: options.signal },
      undefined,
    );
  }
}

interface ListOptions {
  readonly labels?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Stored state is untrusted, and may be another destination's. */
async function parseState(
  state: unknown,
  destination: RunnerDestination,
  providerId: string,
): Promise<RunnerSessionState & { readonly providerState: JsonObject }> {
  const known = await parseUntrusted(runnerSessionStateSchema, state, "session state", {
    provider: providerId,
    operation: "resumeSession",
    resource: "session",
  });
  if (known.providerId !== providerId) throw expected("state.providerId", `"${providerId}"`, known.providerId);
  if (known.destinationId !== destination.id)
    throw expected("state.destinationId", `"${destination.id}"`, known.destinationId);
  return known;
}

function requireOnLost(onLost: unknown): "fail" | "restore" | "recreate" {
  if (onLost === undefined) return "fail";
  if (onLost === "fail" || onLost === "restore" || onLost === "recreate") return onLost;
  throw expected("onLost", '"fail", "restore" or "recreate"', onLost);
}

function requireFound<Transport>(found: Transport | "lost", sessionId: string): Transport {
  if (found !== "lost") return found as Transport;
  throw new RunnerError("not_found", `The session ${sessionId} is gone`, {
    operation: "resumeSession",
    resource: "session",
    retryable: false,
    phase: "before_start",
  });
}

/** Only a place or a session that is certainly gone. A missing file or workspace is somebody's mistake, not a loss. */
function isLoss(error: unknown): boolean {
  return RunnerError.is(error) && error.code === "not_found" && error.resource === "session";
}

function bound<Definition extends object, Name extends keyof Definition>(
  definition: Definition,
  names: readonly Name[],
): Pick<Definition, Name> {
  const present: Partial<Pick<Definition, Name>> = {};
  for (const name of names) {
    const method = definition[name];
    if (typeof method === "function") present[name] = method.bind(definition) as Definition[Name];
  }
  return present as Pick<Definition, Name>;
}
