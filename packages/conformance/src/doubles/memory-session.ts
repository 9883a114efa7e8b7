import {
  type RemoteRunnerSession,
  type RestrictedSession,
  RunnerError,
  type RunnerCloseReport,
  type RunnerRestrictions,
  type RunnerSessionEnd,
  type RunnerSessionEndReason,
  type RunnerSessionOptions,
  type RunnerSessionState,
} from "@mooring/api";
import { absentFacets } from "./absent-facets.js";
import { failure } from "./failure.js";
import { memoryCapabilities } from "./memory-capabilities.js";
import type { MemoryCommand } from "./memory-command.js";
import { memoryCommands, type MemoryCommandContext } from "./memory-commands.js";
import { memoryFiles, type MemoryGuard } from "./memory-files.js";
import { isWithin, type MemoryRoots } from "./memory-paths.js";
import type { MemoryDirectory } from "./memory-tree.js";
import type { ScriptedProgram } from "./scripted-program.js";

/** What a session in memory is made from. */
export interface MemorySessionSetting {
  readonly id: string;
  readonly providerId: string;
  readonly destinationId: string;
  readonly tree: MemoryDirectory;
  readonly programs: Readonly<Record<string, ScriptedProgram>>;
  readonly roots: MemoryRoots;
  readonly options: RunnerSessionOptions;
  readonly onDispose: "close" | "detach" | "destroy";
  /** Tells the provider how it ended. */
  onEnd(reason: RunnerSessionEndReason): void;
}

/** A session whose files are a tree in memory and whose programs are scripted. */
export class MemorySession implements RemoteRunnerSession {
  readonly id: string;
  readonly providerId: string;
  readonly description: string;
  readonly workspace: string;
  readonly platform = { os: "memory", arch: "none", pathStyle: "posix" } as const;
  readonly capabilities = memoryCapabilities;
  readonly expiresAtMs = null;
  readonly commands;
  readonly files;
  readonly ports;
  readonly snapshots;
  readonly mounts;
  readonly artifacts;
  readonly ended: Promise<RunnerSessionEnd>;
  readonly #setting: MemorySessionSetting;
  readonly #context: MemoryCommandContext;
  readonly #guard: MemoryGuard;
  #end: RunnerSessionEnd | undefined;
  #report: Promise<RunnerCloseReport> | undefined;
  #tellEnd!: (end: RunnerSessionEnd) => void;

  constructor(setting: MemorySessionSetting) {
    const { id, providerId, roots, tree, programs, options } = setting;
    this.#setting = setting;
    this.id = id;
    this.providerId = providerId;
    this.workspace = roots.workspace;
    this.description = `A workspace in memory at ${roots.workspace}; only scripted programs run here.`;
    this.#guard = { alive: (operation) => this.#requireAlive(operation), readOnly: false };
    this.ended = new Promise((resolve) => {
      this.#tellEnd = resolve;
    });
    this.files = memoryFiles(tree, roots, this.#guard);
    const started = new Map<string, MemoryCommand>();
    this.#context = { tree, programs, options, files: this.files, started };
    this.commands = memoryCommands(this.#context, roots, this.#guard);
    ({
      ports: this.ports,
      snapshots: this.snapshots,
      mounts: this.mounts,
      artifacts: this.artifacts,
    } = absentFacets((operation) => this.#requireAlive(operation)));
  }

  async extend(): Promise<void> {
    this.#requireAlive("session.extend");
    throw failure("unsupported", "session.extend is not there: this session does not expire", {
      operation: "session.extend",
      resource: "session",
    });
  }

  restricted(restrictions: RunnerRestrictions = {}): RestrictedSession {
    this.#requireAlive("session.restricted");
    const own = this.#setting.roots;
    const workspace = restrictions.workspace ?? own.workspace;
    requireWithin("workspace", workspace, [own.workspace]);
    const readRoots = restrictions.readRoots ?? own.readRoots;
    for (const root of readRoots) requireWithin("readRoots", root, [own.workspace, ...own.readRoots]);
    const roots: MemoryRoots = {
      workspace,
      readRoots,
      writeRoots: restrictions.workspace === undefined ? own.writeRoots : [],
    };
    const guard = { ...this.#guard, readOnly: restrictions.readOnly ?? false };
    return {
      id: this.id,
      providerId: this.providerId,
      workspace,
      platform: this.platform,
      capabilities: this.capabilities,
      commands: memoryCommands(this.#context, roots, guard),
      files: memoryFiles(this.#setting.tree, roots, guard),
    };
  }

  state(): RunnerSessionState {
    return {
      version: 1,
      providerId: this.providerId,
      sessionId: this.id,
      destinationId: this.#setting.destinationId,
      snapshot: null,
      workspace: this.workspace,
      metadata: null,
      providerState: {},
    };
  }

  async pause(): Promise<RunnerCloseReport> {
    this.#requireAlive("session.pause");
    throw failure("unsupported", "session.pause is not there: this runner lives in memory", {
      operation: "session.pause",
      resource: "session",
    });
  }

  async detach(): Promise<RunnerCloseReport> {
    return await this.#finish("detached");
  }

  async close(): Promise<RunnerCloseReport> {
    return await this.#finish("closed");
  }

  async destroy(): Promise<RunnerCloseReport> {
    const report = await this.#finish("destroyed");
    this.#setting.onEnd("destroyed");
    return report;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this[this.#setting.onDispose]();
  }

  /** Ends the session as a lost connection would: commands end `disconnected`, nothing is known of them. */
  lose(): void {
    if (this.#end !== undefined) return;
    const error = new RunnerError("disconnected", "The connection to the runner was lost", {
      provider: this.providerId,
      resource: "session",
      retryable: true,
    });
    this.#end = { reason: "lost", error };
    for (const command of this.#context.started.values()) command.lose(error.message);
    this.#report = Promise.resolve({ commandsEnded: 0, survivors: [], confirmed: false });
    this.#setting.onEnd("lost");
    this.#tellEnd(this.#end);
  }

  #finish(reason: RunnerSessionEndReason): Promise<RunnerCloseReport> {
    this.#report ??= this.#endCommands(reason);
    return this.#report;
  }

  async #endCommands(reason: RunnerSessionEndReason): Promise<RunnerCloseReport> {
    this.#end = { reason };
    const running = [...this.#context.started.values()].filter((command) => !command.ended);
    for (const command of running) command.stop("closed");
    await Promise.all(running.map((command) => command.result()));
    this.#setting.onEnd(reason);
    this.#tellEnd(this.#end);
    return { commandsEnded: running.length, survivors: [], confirmed: true };
  }

  #requireAlive(operation: string): void {
    if (this.#end === undefined) return;
    throw failure("ended", `${operation} came too late: the session is ${this.#end.reason}`, {
      operation,
      resource: "session",
      phase: "after_end",
    });
  }
}

function requireWithin(field: string, path: string, roots: readonly string[]): void {
  if (path.startsWith("/") && !path.split("/").includes("..") && roots.some((root) => isWithin(path, root))) return;
  throw failure("invalid_request", `Expected \`${field}\` within ${roots.join(", ")}, got ${path}`, {
    operation: "session.restricted",
    resource: "session",
  });
}
