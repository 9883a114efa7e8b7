import type {
  RemoteRunnerSession,
  RestrictedSession,
  RunnerCloseReport,
  RunnerFiles,
  RunnerRestrictions,
  RunnerSessionEnd,
  RunnerSessionState,
} from "@mooring/api";
import {
  absentArtifacts,
  absentCommands,
  absentFileCalls,
  absentMounts,
  absentPorts,
  absentSnapshots,
} from "./absent.js";
import { myPlaceCapabilities } from "./capabilities.js";
import { changeFiles } from "./change-files.js";
import { failure } from "./failure.js";
import { FileView, type MemoryRoots } from "./file-view.js";
import { isWithin } from "./path-bytes.js";
import { readFiles } from "./read-files.js";
import type { MemoryTree } from "./tree.js";
import { walkFiles } from "./walk-files.js";

type Ending = "detached" | "closed" | "destroyed";

export interface MemorySessionOptions {
  readonly id: string;
  readonly destinationId: string;
  readonly tree: MemoryTree;
  readonly roots: MemoryRoots;
  readonly onDispose: "close" | "detach" | "destroy";
  /** Tells the provider; `destroyed` may follow another ending. */
  onEnd(ending: Ending): void;
}

/** A live view of a place in memory. */
export class MemorySession implements RemoteRunnerSession {
  readonly id: string;
  readonly providerId = "my-place";
  readonly description: string;
  readonly workspace: string;
  readonly platform = { os: "memory", arch: "none", pathStyle: "posix" } as const;
  readonly capabilities = myPlaceCapabilities;
  readonly expiresAtMs = null;
  readonly ended: Promise<RunnerSessionEnd>;
  readonly files: RunnerFiles;
  readonly commands;
  readonly ports;
  readonly snapshots;
  readonly mounts;
  readonly artifacts;
  readonly #options: MemorySessionOptions;
  readonly #requireAlive: (operation: string) => void;
  #ending: Ending | undefined;
  #tellEnd: (end: RunnerSessionEnd) => void = () => undefined;

  constructor(options: MemorySessionOptions) {
    const { id, roots } = options;
    this.#options = options;
    this.id = id;
    this.workspace = roots.workspace;
    this.description = `Files in memory at ${roots.workspace}; no program runs here.`;
    this.ended = new Promise((resolve) => {
      this.#tellEnd = resolve;
    });
    this.#requireAlive = (operation) => {
      if (this.#ending === undefined) return;
      throw failure("ended", `${operation} came too late: the session is ${this.#ending}`, {
        operation,
        resource: "session",
        phase: "after_end",
      });
    };
    this.files = this.#filesOf(roots, false);
    this.commands = absentCommands(this.#requireAlive);
    this.ports = absentPorts(this.#requireAlive);
    this.snapshots = absentSnapshots(this.#requireAlive);
    this.mounts = absentMounts(this.#requireAlive);
    this.artifacts = absentArtifacts(this.#requireAlive);
  }

  restricted(restrictions: RunnerRestrictions = {}): RestrictedSession {
    this.#requireAlive("session.restricted");
    const own = this.#options.roots;
    const { workspace = own.workspace, readRoots = own.readRoots, readOnly = false } = restrictions;
    requireWithin("workspace", workspace, [own.workspace]);
    for (const root of readRoots) requireWithin("readRoots", root, [own.workspace, ...own.readRoots]);
    // A narrower workspace gives up the write roots: a view cannot write where its giver did not mean it to.
    const writeRoots = restrictions.workspace === undefined ? own.writeRoots : [];
    return {
      id: this.id,
      providerId: this.providerId,
      workspace,
      platform: this.platform,
      capabilities: this.capabilities,
      commands: absentCommands(this.#requireAlive, readOnly),
      files: this.#filesOf({ workspace, readRoots, writeRoots }, readOnly),
    };
  }

  /** Ids only. The configuration comes with the destination each time. */
  state(): RunnerSessionState {
    return {
      version: 1,
      providerId: this.providerId,
      sessionId: this.id,
      destinationId: this.#options.destinationId,
      snapshot: null,
      workspace: this.workspace,
      metadata: null,
      providerState: {},
    };
  }

  async extend(): Promise<void> {
    this.#requireAlive("session.extend");
    throw failure("unsupported", "session.extend is not there: this session does not expire", {
      operation: "session.extend",
      resource: "session",
    });
  }

  async pause(): Promise<RunnerCloseReport> {
    this.#requireAlive("session.pause");
    throw failure("unsupported", "session.pause is not there: this place is memory alone", {
      operation: "session.pause",
      resource: "session",
    });
  }

  async detach(): Promise<RunnerCloseReport> {
    return this.#end("detached");
  }

  async close(): Promise<RunnerCloseReport> {
    return this.#end("closed");
  }

  async destroy(): Promise<RunnerCloseReport> {
    // It may follow any other ending, and then still removes what there is.
    if (this.#ending !== undefined) this.#options.onEnd("destroyed");
    return this.#end("destroyed");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this[this.#options.onDispose]();
  }

  /** The first ending counts; there are no commands that any could end. */
  #end(ending: Ending): RunnerCloseReport {
    if (this.#ending === undefined) {
      this.#ending = ending;
      this.#options.onEnd(ending);
      this.#tellEnd({ reason: ending });
    }
    return { commandsEnded: 0, survivors: [], confirmed: true };
  }

  #filesOf(roots: MemoryRoots, readOnly: boolean): RunnerFiles {
    const view = new FileView(this.#options.tree, roots, { readOnly, requireAlive: this.#requireAlive });
    return { ...readFiles(view), ...changeFiles(view), ...walkFiles(view), ...absentFileCalls(this.#requireAlive) };
  }
}

function requireWithin(field: string, path: string, roots: readonly string[]): void {
  if (path.startsWith("/") && !path.split("/").includes("..") && roots.some((root) => isWithin(path, root))) return;
  throw failure("invalid_request", `Expected \`${field}\` to lie within ${roots.join(", ")}, got ${path}`, {
    operation: "session.restricted",
    resource: "session",
  });
}
