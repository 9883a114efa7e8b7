import type {
  RemoteRunnerSession,
  RestrictedSession,
  RunnerArtifacts,
  RunnerCapabilities,
  RunnerCloseReport,
  RunnerCommands,
  RunnerError,
  RunnerFiles,
  RunnerMounts,
  RunnerPlatform,
  RunnerPorts,
  RunnerRestrictions,
  RunnerSessionEnd,
  RunnerSessionEndReason,
  RunnerSessionState,
  RunnerSnapshots,
} from "@mooring/api";
import { unsupported } from "../errors/expected.js";
import type { FarSide, FarSideEnding } from "../far-side/far-side.js";
import type { RunnerTransport } from "../transport.js";
import { guardFacet } from "./guarded-facets.js";
import { restrictSession } from "./restricted-session.js";
import {
  sessionEndedError,
  sessionLostError,
  unsupportedArtifacts,
  unsupportedMounts,
  unsupportedSnapshots,
} from "./unsupported-facets.js";

export interface KitSessionOptions {
  readonly id: string;
  readonly providerId: string;
  readonly destinationId: string;
  readonly description: string;
  readonly farSide: FarSide;
  readonly transport: RunnerTransport;
  readonly readRoots: readonly string[];
  readonly onDispose: "close" | "detach" | "destroy";
  /** Ends what is left of a session that has ended otherwise, and removes it. */
  removeLater(): Promise<RunnerCloseReport>;
}

const nothingKnown: RunnerCloseReport = { commandsEnded: 0, survivors: [], confirmed: false };

/** A whole session over a far side: its facets while it lives, and its one end. */
export class KitSession implements RemoteRunnerSession {
  readonly id: string;
  readonly providerId: string;
  readonly description: string;
  readonly workspace: string;
  readonly platform: RunnerPlatform;
  readonly capabilities: RunnerCapabilities;
  readonly commands: RunnerCommands;
  readonly files: RunnerFiles;
  readonly ports: RunnerPorts;
  readonly snapshots: RunnerSnapshots;
  readonly mounts: RunnerMounts;
  readonly artifacts: RunnerArtifacts;
  readonly ended: Promise<RunnerSessionEnd>;
  readonly expiresAtMs = null;
  readonly #options: KitSessionOptions;
  #resolveEnded: (end: RunnerSessionEnd) => void = () => undefined;
  #ending: { readonly reason: RunnerSessionEndReason; readonly report: Promise<RunnerCloseReport> } | undefined;
  #endFailed = false;
  #loss: RunnerError | undefined;
  #removal: Promise<RunnerCloseReport> | undefined;

  constructor(options: KitSessionOptions) {
    this.#options = options;
    const { farSide, transport } = options;
    this.id = options.id;
    this.providerId = options.providerId;
    this.description = options.description;
    this.workspace = farSide.workspace;
    this.platform = farSide.platform;
    this.capabilities = farSide.capabilities;
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
    const check = (operation: string) => this.#refusal(operation);
    const { overrides } = transport;
    this.commands = guardFacet("commands", overrides?.commands ?? farSide.commands, check);
    this.files = guardFacet("files", overrides?.files ?? farSide.files, check);
    this.ports = guardFacet("ports", overrides?.ports ?? farSide.ports, check);
    this.snapshots = guardFacet("snapshots", overrides?.snapshots ?? unsupportedSnapshots, check);
    this.mounts = guardFacet("mounts", overrides?.mounts ?? unsupportedMounts, check);
    this.artifacts = guardFacet("artifacts", overrides?.artifacts ?? unsupportedArtifacts, check);
    void farSide.lost.then((error) => this.#lost(error));
  }

  #refusal(operation: string): RunnerError | undefined {
    if (this.#ending !== undefined) return sessionEndedError(operation);
    // Parts of the far side may still be there: nobody watches over what they would do.
    return this.#loss === undefined ? undefined : sessionLostError(operation, this.#loss);
  }

  async extend(): Promise<void> {
    throw (
      this.#refusal("extend") ??
      unsupported("this session has no lifetime to extend", { operation: "extend", resource: "session" })
    );
  }

  restricted(options?: RunnerRestrictions): RestrictedSession {
    return restrictSession(this, this.#options.readRoots, options);
  }

  state(): RunnerSessionState {
    return {
      version: 1,
      providerId: this.providerId,
      sessionId: this.id,
      destinationId: this.#options.destinationId,
      snapshot: null,
      workspace: this.workspace,
      metadata: null,
      providerState: this.#options.transport.providerState,
    };
  }

  async pause(): Promise<RunnerCloseReport> {
    const { transport } = this.#options;
    if (this.#ending === undefined && transport.pause === undefined) {
      throw unsupported("this session cannot be paused", { operation: "pause", resource: "session" });
    }
    return this.#end("paused", "detach", () => transport.pause?.());
  }

  async detach(): Promise<RunnerCloseReport> {
    if (this.#ending === undefined && this.capabilities.lifecycle.detach === "none") {
      throw unsupported("this session cannot be detached from", { operation: "detach", resource: "session" });
    }
    return this.#end("detached", "detach", undefined);
  }

  async close(): Promise<RunnerCloseReport> {
    return this.#end("closed", "close", undefined);
  }

  /** Also of a session that was closed, detached from or lost: what is left of it is found again and removed. One that failed may be tried again. */
  async destroy(): Promise<RunnerCloseReport> {
    const isFirst = this.#ending === undefined && this.#loss === undefined;
    const isDone = this.#ending?.reason === "destroyed" && !this.#endFailed;
    if (this.#removal === undefined && (isFirst || isDone)) {
      return this.#end("destroyed", "destroy", () => this.#options.transport.destroy?.());
    }
    this.#removal ??= this.#remove().catch((error: unknown) => {
      this.#removal = undefined;
      throw error;
    });
    return this.#removal;
  }

  async #remove(): Promise<RunnerCloseReport> {
    if (this.#ending === undefined) await this.#end("destroyed", "destroy", undefined);
    else await this.#ending.report.catch(() => undefined);
    return this.#options.removeLater();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#ending !== undefined) {
      await (this.#removal ?? this.#ending.report);
      return;
    }
    await this[this.#options.onDispose]();
  }

  #end(
    reason: RunnerSessionEndReason,
    mode: FarSideEnding,
    after: (() => Promise<void> | undefined) | undefined,
  ): Promise<RunnerCloseReport> {
    if (this.#ending === undefined) {
      const report = this.#carryOut(reason, mode, after);
      this.#ending = { reason, report };
      report.catch(() => (this.#endFailed = true));
    } else if (this.#ending.reason !== reason) {
      return Promise.reject(sessionEndedError(reason));
    }
    return this.#ending.report;
  }

  async #carryOut(
    reason: RunnerSessionEndReason,
    mode: FarSideEnding,
    after: (() => Promise<void> | undefined) | undefined,
  ): Promise<RunnerCloseReport> {
    const { farSide, transport } = this.#options;
    try {
      const report = this.#loss === undefined ? await farSide.end(mode) : nothingKnown;
      await after?.();
      return report;
    } finally {
      try {
        await transport[Symbol.asyncDispose]();
      } finally {
        this.#resolveEnded(this.#loss === undefined ? { reason } : { reason: "lost", error: this.#loss });
      }
    }
  }

  #lost(error: RunnerError): void {
    if (this.#ending !== undefined) return;
    this.#loss = error;
    this.#resolveEnded({ reason: "lost", error });
  }
}
