import type { RemoteRunnerSession, RunnerCommand, RunnerCommandRequest } from "@mooring/api";
import { pause, within } from "../support/deadline.js";
import type { ProviderFacts } from "../provider-facts.js";
import { outputWith } from "./animal.js";
import type { OwnerEnding, OwnerSessionOptions } from "./owner-protocol.js";
import type { OwnerProcess } from "./owner-process.js";
import type { ZooEnding } from "./zoo-ending.js";

/** The commands of a scene that are to be ended, and how that is done. */
export interface Stage {
  /** Starts them; resolves when each has had its offspring. */
  start(requests: readonly RunnerCommandRequest[]): Promise<void>;
  /** When they were to end, or the call was made; and what the caller is told, when the call has settled. */
  end(): Promise<{ readonly from: number; readonly told: Promise<readonly OwnerEnding[]> }>;
  cleanUp(): Promise<void>;
}

const readyMs = 20_000;

/** Commands of a session of ours. The session is the stage's own where the ending concerns all of it. */
export class SessionStage implements Stage {
  readonly #session: RemoteRunnerSession;
  readonly #ending: ZooEnding;
  readonly #facts: Pick<ProviderFacts, "sever" | "kill">;
  readonly #timeoutMs: number;
  readonly #slowness: number;
  readonly #abort = new AbortController();
  #commands: readonly RunnerCommand[] = [];
  #parents: readonly number[] = [];
  #startedAt = 0;

  constructor(
    session: RemoteRunnerSession,
    ending: ZooEnding,
    options: { facts: Pick<ProviderFacts, "sever" | "kill">; timeoutMs: number; slowness: number },
  ) {
    this.#session = session;
    this.#ending = ending;
    this.#facts = options.facts;
    this.#timeoutMs = options.timeoutMs;
    this.#slowness = options.slowness;
  }

  async start(requests: readonly RunnerCommandRequest[]): Promise<void> {
    const timeout = this.#ending === "timeout" ? { timeoutMs: this.#timeoutMs } : {};
    const { signal } = this.#abort;
    // The clocks of the commands start a little later: what is measured from here is never too short.
    this.#startedAt = performance.now();
    this.#commands = await Promise.all(
      requests.map((request) => this.#session.commands.start({ ...request, ...timeout }, { signal })),
    );
    const outputs = await Promise.all(
      this.#commands.map((command) => outputWith(command, [/hidden\n/, /parent \d+\n/], readyMs * this.#slowness)),
    );
    this.#parents = outputs.map((output) => Number(/parent (\d+)\n/.exec(output ?? "")?.[1]));
  }

  async end(): Promise<{ from: number; told: Promise<readonly OwnerEnding[]> }> {
    if (this.#ending === "timeout") {
      const from = this.#startedAt + this.#timeoutMs;
      await pause(Math.max(0, from - performance.now()));
      return { from, told: this.#results() };
    }
    const from = performance.now();
    const call = this.#call();
    return { from, told: call.then(() => this.#results()) };
  }

  async #call(): Promise<void> {
    switch (this.#ending) {
      case "cancel":
        await Promise.all(this.#commands.map((command) => command.cancel({ graceMs: 0 })));
        return;
      case "abort":
        this.#abort.abort(new Error("enough"));
        return;
      case "close":
        await this.#session.close();
        return;
      case "helper killed":
        await this.#facts.sever?.(this.#session);
        return;
      case "supervisor killed":
        await Promise.all(this.#parents.map(async (pid) => await this.#facts.kill?.(pid)));
        return;
      case "timeout":
      case "owner killed":
      case "connection cut":
        throw new Error(`A session of ours cannot end by: ${this.#ending}`);
    }
  }

  async #results(): Promise<readonly OwnerEnding[]> {
    const results = await Promise.all(this.#commands.map((command) => command.result()));
    return results.map(({ reason, exit, stdout, stderr }) => ({
      reason,
      exit,
      stdoutBytes: stdout.totalBytes,
      stderrBytes: stderr.totalBytes,
    }));
  }

  async cleanUp(): Promise<void> {
    const owned = this.#ending === "close" || this.#ending === "helper killed";
    const ends = owned
      ? [this.#session.destroy()]
      : this.#commands.map((command) => command.cancel({ graceMs: 0 }).catch(() => undefined));
    await within(10_000 * this.#slowness, Promise.allSettled(ends));
  }
}

/** Commands of an owner process. */
export class OwnerStage implements Stage {
  readonly #owner: OwnerProcess;
  readonly #ending: ZooEnding;
  readonly #options: OwnerSessionOptions;

  constructor(owner: OwnerProcess, ending: ZooEnding, options: OwnerSessionOptions) {
    this.#owner = owner;
    this.#ending = ending;
    this.#options = options;
  }

  async start(requests: readonly RunnerCommandRequest[]): Promise<void> {
    await this.#owner.ask({ kind: "open", options: this.#options });
    await this.#owner.ask({ kind: "start", requests });
  }

  async end(): Promise<{ from: number; told: Promise<readonly OwnerEnding[]> }> {
    const from = performance.now();
    this.#owner.kill(this.#ending === "connection cut" ? "SIGSTOP" : "SIGKILL");
    // Nobody is left who could be told anything; a thawed one is asked in `thawed`.
    return { from, told: Promise.resolve([]) };
  }

  /** What one that was frozen is told about its commands once it runs again. */
  async thawed(): Promise<readonly OwnerEnding[]> {
    const results = this.#owner.ask<readonly OwnerEnding[]>({ kind: "results" });
    this.#owner.kill("SIGCONT");
    return await results;
  }

  async cleanUp(): Promise<void> {
    if (this.#ending === "owner killed") await this.#owner.remove();
    else this.#owner.kill("SIGCONT");
  }
}
