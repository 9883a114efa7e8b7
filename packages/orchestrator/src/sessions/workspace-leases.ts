import { RunnerError } from "@mooring/api";

/** `shared`: many at once, as long as nobody changes anything. `exclusive`: alone. */
export type LeaseMode = "shared" | "exclusive";

export interface WorkspaceLease {
  /** Idempotent. */
  release(): void;
}

interface Waiter {
  readonly mode: LeaseMode;
  grant(): void;
}

interface Workspace {
  shared: number;
  exclusive: boolean;
  readonly queue: Waiter[];
}

/** Turns on workspaces within this process, first come, first served. */
export class WorkspaceLeases {
  readonly #workspaces = new Map<string, Workspace>();

  /** Rejects with `timeout` when the turn did not come in time, with `cancelled` when the signal aborted. */
  async acquire(
    key: string,
    mode: LeaseMode,
    options: { readonly timeoutMs: number; readonly signal?: AbortSignal },
  ): Promise<WorkspaceLease> {
    if (options.signal?.aborted === true) throw cancelled(options.signal);
    const workspace = this.#workspaces.get(key) ?? { shared: 0, exclusive: false, queue: [] };
    this.#workspaces.set(key, workspace);
    if (workspace.queue.length > 0 || !isFree(workspace, mode)) {
      await waitForTurn(workspace, mode, options);
    } else {
      take(workspace, mode);
    }
    let held = true;
    return {
      release: () => {
        if (!held) return;
        held = false;
        if (mode === "shared") workspace.shared -= 1;
        else workspace.exclusive = false;
        grantNext(workspace);
        if (isFree(workspace, "exclusive") && workspace.queue.length === 0) {
          this.#workspaces.delete(key);
        }
      },
    };
  }
}

function isFree(workspace: Workspace, mode: LeaseMode): boolean {
  return !workspace.exclusive && (mode === "shared" || workspace.shared === 0);
}

function take(workspace: Workspace, mode: LeaseMode): void {
  if (mode === "shared") workspace.shared += 1;
  else workspace.exclusive = true;
}

function grantNext(workspace: Workspace): void {
  for (let next = workspace.queue[0]; next !== undefined; next = workspace.queue[0]) {
    if (!isFree(workspace, next.mode)) return;
    workspace.queue.shift();
    take(workspace, next.mode);
    next.grant();
  }
}

function waitForTurn(
  workspace: Workspace,
  mode: LeaseMode,
  options: { readonly timeoutMs: number; readonly signal?: AbortSignal },
): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    const giveUp = (error: RunnerError): void => {
      stopWaiting();
      const index = workspace.queue.indexOf(waiter);
      if (index !== -1) workspace.queue.splice(index, 1);
      // Those behind may have waited for this one only.
      grantNext(workspace);
      reject(error);
    };
    const onAbort = (): void => giveUp(cancelled(options.signal));
    const timer = setTimeout(() => giveUp(timedOut(options.timeoutMs)), options.timeoutMs);
    const stopWaiting = (): void => {
      clearTimeout(timer);
      options.signal?.removeEventListener("abort", onAbort);
    };
    const waiter: Waiter = {
      mode,
      grant: () => {
        stopWaiting();
        resolve();
      },
    };
    options.signal?.addEventListener("abort", onAbort, { once: true });
    workspace.queue.push(waiter);
  });
}

function cancelled(signal: AbortSignal | undefined): RunnerError {
  return new RunnerError("cancelled", "The call was cancelled while it waited for its turn on the workspace", {
    phase: "before_start",
    retryable: true,
    cause: signal?.reason,
  });
}

function timedOut(timeoutMs: number): RunnerError {
  return new RunnerError("timeout", `Other calls held the workspace for ${timeoutMs} ms; nothing was done`, {
    phase: "before_start",
    retryable: true,
  });
}
