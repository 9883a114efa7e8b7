import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  type RemoteRunnerSession,
  type RunnerCommandExit,
  type RunnerCommandReason,
  type RunnerCommandResult,
  RunnerError,
  type RunnerErrorCode,
  type RunnerSessionOptions,
} from "@mooring/api";
import { describeError, rightCodes } from "./codes.js";
import type { LoopLag } from "./loop-lag.js";
import type { Limits, PlaceDestination, PlaceProvider } from "./places/place.js";
import { earlyCode, type Fault } from "./transport/fault.js";

/** What came of one call of the contract. */
export interface CallRecord {
  readonly label: string;
  /** How long after its deadline it settled, without what our own event loop cost; negative before it. */
  readonly lateMs: number;
  readonly violation?: string;
}

export interface StageOptions {
  /** Over a transport with the fault. */
  readonly provider: PlaceProvider;
  /** At the same place, without any. */
  readonly plainProvider: PlaceProvider;
  readonly destination: PlaceDestination;
  readonly directory: string;
  readonly farSide: "helper" | "shell";
  readonly fault: Fault | undefined;
  readonly limits: Limits;
  readonly lag: LoopLag;
  /** How much longer than its deadline a call is waited for before it counts as one that never settles. */
  readonly patienceMs: number;
}

export interface CallExpectations<Value> {
  /** In milliseconds. @default the lease, or the time for opening where a call starts a process of its own */
  readonly deadlineMs?: number;
  /** Codes that are right without any fault. */
  readonly codes?: readonly RunnerErrorCode[];
  /** What is not true about a value that came. */
  truth?(value: Value): string | undefined;
}

/** How long a caller waits where the far side has no lease on each call, as over a shell. */
const ownMs = 2_000;

/** Where a scenario plays: makes the calls, and notes of each whether it settled, when, and with what. */
export class Stage {
  readonly records: CallRecord[] = [];
  readonly options: StageOptions;
  readonly root: string;
  readonly #sessions: RemoteRunnerSession[] = [];

  constructor(options: StageOptions) {
    this.options = options;
    this.root = options.destination.config.root;
  }

  /** Whether bytes may be missing or wrong and nobody can tell: a stream that a shell's own process writes has no frames. */
  get isLossy(): boolean {
    const { fault, farSide } = this.options;
    if (fault === undefined || fault.kind === "delay") return false;
    return farSide === "shell" && fault.primitive.startsWith("std");
  }

  async call<Value>(
    label: string,
    work: () => PromiseLike<Value>,
    expectations: CallExpectations<Value> = {},
  ): Promise<Value | undefined> {
    const { lag, patienceMs } = this.options;
    const deadlineMs = expectations.deadlineMs ?? this.callMs;
    const [begin, lagBefore] = [performance.now(), lag.totalMs];
    let timer: NodeJS.Timeout | undefined;
    const outcome = await Promise.race([
      // Within a promise: a call that throws instead of rejecting is a violation, too.
      new Promise<Value>((resolve) => resolve(work())).then(
        (value) => ({ kind: "value", value }) as const,
        (error: unknown) => ({ kind: "error", error }) as const,
      ),
      new Promise<{ kind: "pending" }>((resolve) => {
        timer = setTimeout(() => resolve({ kind: "pending" }), deadlineMs + patienceMs);
      }),
    ]);
    clearTimeout(timer);
    const lateMs = performance.now() - begin - (lag.totalMs - lagBefore) - deadlineMs;
    let violation: string | undefined;
    if (outcome.kind === "pending") violation = `did not settle within ${deadlineMs} ms and ${patienceMs} more`;
    else if (outcome.kind === "error") violation = this.#wrongError(outcome.error, expectations.codes ?? []);
    else violation = expectations.truth?.(outcome.value);
    this.records.push({ label, lateMs, ...(violation === undefined ? {} : { violation }) });
    return outcome.kind === "value" ? outcome.value : undefined;
  }

  #wrongError(error: unknown, natural: readonly RunnerErrorCode[]): string | undefined {
    if (!RunnerError.is(error)) return `rejected with no RunnerError, but ${describeError(error)}`;
    if (natural.includes(error.code) || rightCodes(this.options.fault).has(error.code)) return undefined;
    if (error.code === "cancelled" && this.callSignals) return undefined;
    return `rejected with ${describeError(error)}`;
  }

  /** Whether calls carry a signal that ends them after a while, as nothing else would. */
  get callSignals(): boolean {
    const { farSide, fault } = this.options;
    return farSide === "shell" && fault !== undefined && fault.kind !== "delay";
  }

  /** Options of a call: its signal, where it needs one. */
  async signalled<Value>(work: (options: { signal?: AbortSignal }) => Promise<Value>): Promise<Value> {
    if (!this.callSignals) return work({});
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(new Error("planted: enough")), ownMs);
    try {
      return await work({ signal: controller.signal });
    } finally {
      clearTimeout(timer);
    }
  }

  get callMs(): number {
    const { farSide, limits } = this.options;
    return farSide === "shell" ? Math.max(limits.openTimeoutMs, limits.leaseMs, ownMs) : limits.leaseMs;
  }

  /** Of what opens a session or a connection. */
  get openMs(): number {
    const { limits } = this.options;
    return this.#isOfPlace ? Math.max(limits.openTimeoutMs, limits.placeTimeoutMs) : limits.openTimeoutMs;
  }

  /** Of what ends one: a lost one is opened again to be removed. */
  get endMs(): number {
    const { limits } = this.options;
    const ownEnd = this.#isOfPlace ? limits.placeTimeoutMs : limits.leaseMs;
    return ownEnd + limits.openTimeoutMs;
  }

  get #isOfPlace(): boolean {
    return ["validate", "create", "attach", "connect", "pause", "destroy", "dispose"].includes(
      this.options.fault?.primitive ?? "",
    );
  }

  async open(options: RunnerSessionOptions = {}): Promise<RemoteRunnerSession | undefined> {
    const { provider, destination } = this.options;
    const session = await this.call("createSession", () => provider.createSession(destination, options), {
      deadlineMs: this.openMs,
      truth: ({ workspace }) => (workspace === this.root ? undefined : `its workspace is ${workspace}`),
    });
    if (session !== undefined) this.watch(session);
    return session;
  }

  /** A session whose end is to be told by the time that the scenario is over. */
  watch(session: RemoteRunnerSession): void {
    this.#sessions.push(session);
  }

  async destroy(session: RemoteRunnerSession): Promise<void> {
    await this.call("destroy", () => session.destroy(), { deadlineMs: this.endMs });
  }

  /** A whole scenario on one session. */
  async inSession(body: (session: RemoteRunnerSession) => Promise<void>): Promise<void> {
    const session = await this.open();
    if (session === undefined) return;
    await body(session);
    await this.destroy(session);
  }

  /** Every session that this stage saw says that it is over. */
  async finish(): Promise<void> {
    for (const session of this.#sessions) {
      await this.call("ended", () => session.ended.then(({ reason }) => reason), { deadlineMs: 100 });
    }
  }

  /** Over a shell what the transport says of an exit is all that there is. */
  isTransportsWord(exit: RunnerCommandExit): boolean {
    const { fault, farSide } = this.options;
    return farSide === "shell" && fault?.manner === "early-code" && exit.kind === "code" && exit.code === earlyCode;
  }

  /** For a command that never exits by itself. */
  inventedExit({ exit }: { readonly exit: RunnerCommandExit }): string | undefined {
    if (exit.kind !== "code" || this.isTransportsWord(exit)) return undefined;
    return `it says that it exited ${exit.code}`;
  }

  /** What is not true of a command's result: an exit that it says must have left the file, and the output. */
  untrue(
    result: RunnerCommandResult,
    expected: { readonly code: number; readonly stdout?: string; readonly file?: string },
    /** Reasons for another end than by itself that are right without a fault. */
    endings: readonly RunnerCommandReason[] = [],
  ): string | undefined {
    const { fault } = this.options;
    const { exit, reason } = result;
    if (this.isTransportsWord(exit)) return undefined;
    if (exit.kind === "code") {
      if (exit.code !== expected.code) return `it says that it exited ${exit.code}, ${reason}`;
      if (expected.file !== undefined && !existsSync(join(this.root, expected.file)))
        return `it says that it exited ${exit.code}, but ${expected.file} is not there`;
      if (reason === "exited" && expected.stdout !== undefined && !this.isLossy) {
        const text = result.stdout.text();
        if (text !== expected.stdout) return `its output is ${text.length} characters, not ${expected.stdout.length}`;
      }
      return undefined;
    }
    if (endings.includes(reason)) return undefined;
    if (fault === undefined || fault.kind === "delay")
      return `it says that it ended by ${JSON.stringify(exit)}, ${reason}`;
    if (exit.kind === "unknown" && reason === "exited") return "it does not know how it exited, yet says that it did";
    return undefined;
  }
}
