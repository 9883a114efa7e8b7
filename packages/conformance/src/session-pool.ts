import { randomBytes } from "node:crypto";
import type { RemoteRunnerProvider, RemoteRunnerSession, RunnerDestination, RunnerSessionOptions } from "@mooring/api";
import type { ProviderFacts } from "./provider-facts.js";
import { within } from "./support/deadline.js";
import { probeTools, type ToolName } from "./support/tools.js";

/** Opens the sessions of a run: one that the checks share, and fresh ones for those that end theirs. */
export class SessionPool {
  readonly provider: RemoteRunnerProvider;
  readonly destination: RunnerDestination;
  readonly options: RunnerSessionOptions;
  /** Begins the name of every directory and session of this run. */
  readonly prefix = `mooring-check-${randomBytes(3).toString("hex")}`;
  #shared: Promise<RemoteRunnerSession> | undefined;
  #tools: ReadonlySet<ToolName> | undefined;

  constructor(provider: RemoteRunnerProvider, facts: ProviderFacts) {
    this.provider = provider;
    this.destination = facts.destination;
    this.options = facts.options ?? {};
  }

  async create(options: RunnerSessionOptions = {}): Promise<RemoteRunnerSession> {
    return await this.provider.createSession(this.destination, { ...this.options, ...options });
  }

  /** The shared session; opened again when the last one is over. */
  async shared(): Promise<RemoteRunnerSession> {
    if (this.#shared === undefined) {
      const opening = this.create();
      this.#shared = opening;
      const forget = () => {
        if (this.#shared === opening) this.#shared = undefined;
      };
      void opening.then((session) => session.ended.then(forget), forget);
    }
    return await this.#shared;
  }

  async tools(): Promise<ReadonlySet<ToolName>> {
    this.#tools ??= await probeTools(await this.shared());
    return this.#tools;
  }

  /** A check hung or broke the session: the next check gets another one. */
  async discard(): Promise<void> {
    const shared = this.#shared;
    this.#shared = undefined;
    if (shared === undefined) return;
    try {
      await within(
        10_000,
        shared.then((session) => session.destroy()),
      );
    } catch {
      // The run goes on; what the session's end has to say is the lifecycle checks' matter.
    }
  }
}
