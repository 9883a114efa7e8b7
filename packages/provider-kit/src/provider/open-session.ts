import { type JsonObject, type RemoteRunnerSession, type RunnerCloseReport, RunnerError } from "@mooring/api";
import { throwIfAborted } from "../async/abort.js";
import type { FarSide, FarSideOptions } from "../far-side/far-side.js";
import { openFarSide } from "../far-side/open.js";
import { KitSession } from "../session/kit-session.js";
import type { RunnerTransport } from "../transport.js";
import { guardTransport, requireTransport } from "../transport/guarded-transport.js";
import { limitedCall } from "../transport/limited-call.js";
import { limitsOf, type PolicyLimits } from "./policy-limits.js";
import type { ProviderContext, ProviderDefinition } from "./provider-definition.js";
import { resolveEnvironment } from "./resolve-environment.js";
import { withRootLabel } from "./root-label.js";
import type { SessionOptions } from "./untrusted-options.js";

interface Opening<Config> {
  readonly definition: ProviderDefinition<Config>;
  readonly context: ProviderContext<Config>;
  readonly options: SessionOptions;
  readonly mode: "create" | "resume";
  open(context: ProviderContext<Config>): Promise<RunnerTransport>;
}

/** From a validated wish to a live session. When it fails, what this call made is removed again. */
export async function openSession<Config>(opening: Opening<Config>): Promise<RemoteRunnerSession> {
  const { definition, context, options, mode } = opening;
  const { config, workspace, destination } = context;
  const sessionId = options.sessionId;
  const policy = definition.policy?.(config) ?? {};
  const readRoots = options.readRoots ?? policy.readRoots ?? [];
  const writeRoots = options.writeRoots ?? policy.writeRoots ?? [];
  const env = await resolveEnvironment([definition.environment?.(config) ?? {}, options.env], options.host);
  throwIfAborted(options.signal, mode === "create" ? "createSession" : "resumeSession");
  const limits = limitsOf(definition, config);
  const transport = await reachPlace(opening, limits);
  const farSideOptions: Omit<FarSideOptions, "mode" | "signal"> = {
    providerId: definition.id,
    sessionId,
    root: workspace,
    createRoot: policy.createWorkspace ?? false,
    within: policy.within,
    inheritedEnvironment: policy.inheritedEnvironment,
    readRoots,
    writeRoots,
    env,
    confinement: policy.confinement ?? "workspace-write",
    confinementRequired: policy.confinement === "workspace-write",
    labels: withRootLabel(options.labels, definition.defaultWorkspace?.(config)),
    host: options.host,
    leaseMs: limits.leaseMs,
    openTimeoutMs: limits.openTimeoutMs,
  };
  try {
    const farSide = await openFarSide(transport, { ...farSideOptions, mode, signal: options.signal });
    await confirmed(opening, farSide);
    const { os, arch } = farSide.platform;
    return new KitSession({
      id: sessionId,
      providerId: definition.id,
      destinationId: destination.id,
      description:
        definition.describe?.(destination, farSide.workspace) ??
        `The directory ${farSide.workspace} on ${destination.id} (${definition.id}, ${os} ${arch}).`,
      farSide,
      transport,
      readRoots,
      onDispose: options.onDispose ?? (mode === "create" ? "destroy" : "close"),
      removeLater: () => removeSession(definition, context, transport.providerState, farSideOptions),
    });
  } catch (error) {
    throw await cleanedUp(transport, mode, error);
  }
}

/** A place that comes when nobody waits for it any more is removed again. */
async function reachPlace<Config>(opening: Opening<Config>, limits: PolicyLimits): Promise<RunnerTransport> {
  const { context, mode } = opening;
  const transport = await limitedCall<RunnerTransport>(
    {
      operation: mode === "create" ? "createSession" : "resumeSession",
      what: mode === "create" ? "making the place" : "finding the place",
      timeoutMs: limits.placeTimeoutMs,
      signal: context.signal,
      discard: (late) => cleanedUp(guardTransport(late, limits), mode, undefined),
    },
    async (signal) => requireTransport(await opening.open({ ...context, signal })),
  );
  return guardTransport(transport, limits);
}

async function confirmed<Config>({ definition, context, mode }: Opening<Config>, farSide: FarSide): Promise<void> {
  try {
    const { placeTimeoutMs: timeoutMs } = limitsOf(definition, context.config);
    await limitedCall(
      { operation: "createSession", what: "confirming the place", timeoutMs, signal: context.signal },
      async (signal) => definition.confirm?.({ ...context, workspace: farSide.workspace, signal }),
    );
  } catch (error) {
    await farSide.end(mode === "create" ? "destroy" : "close");
    throw error;
  }
}

/** Finds a session that has ended or was lost, and removes it with what still runs of it. One that is gone is removed already. */
async function removeSession<Config>(
  definition: ProviderDefinition<Config>,
  context: ProviderContext<Config>,
  providerState: JsonObject,
  options: Omit<FarSideOptions, "mode" | "signal">,
): Promise<RunnerCloseReport> {
  const nothingLeft: RunnerCloseReport = { commandsEnded: 0, survivors: [], confirmed: true };
  const limits = limitsOf(definition, context.config);
  const found = await limitedCall<RunnerTransport | "lost">(
    {
      operation: "destroy",
      what: "finding the place",
      timeoutMs: limits.placeTimeoutMs,
      discard: (late) => (late === "lost" ? undefined : guardTransport(late, limits)[Symbol.asyncDispose]()),
    },
    async (signal) => {
      const attached = await definition.attach({ ...context, signal }, providerState);
      return attached === "lost" ? attached : requireTransport(attached);
    },
  );
  if (found === "lost") return nothingLeft;
  await using transport = guardTransport(found, limits);
  try {
    const farSide = await openFarSide(transport, { ...options, mode: "resume", signal: undefined });
    return await farSide.end("destroy");
  } catch (error) {
    if (RunnerError.is(error) && error.code === "not_found") return nothingLeft;
    throw error;
  } finally {
    await transport.destroy?.();
  }
}

/** The failure, joined by what failed in cleaning up after it. */
async function cleanedUp(transport: RunnerTransport, mode: "create" | "resume", failure: unknown): Promise<unknown> {
  try {
    try {
      if (mode === "create") await transport.destroy?.();
    } finally {
      await transport[Symbol.asyncDispose]();
    }
    return failure;
  } catch (error) {
    const both = new AggregateError(
      [failure, error],
      "The session could not be opened, nor what was made for it removed",
    );
    if (!RunnerError.is(failure)) return both;
    const { code, message, retryable, phase, resource, operation, details } = failure;
    return new RunnerError(code, message, { retryable, phase, resource, operation, details, cause: both });
  }
}
