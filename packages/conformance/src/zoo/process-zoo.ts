import { randomBytes } from "node:crypto";
import type { RemoteRunnerProvider, RemoteRunnerSession, RunnerSessionOptions } from "@mooring/api";
import type { ProviderFacts } from "../provider-facts.js";
import { within } from "../support/deadline.js";
import { probeTools } from "../support/tools.js";
import { Lookout } from "./lookout.js";
import { type OffspringKind, offspringKinds } from "./offspring-kinds.js";
import { OwnerProcess } from "./owner-process.js";
import { playScene, type SceneOutcome, UnreadyScene } from "./scene.js";
import { OwnerStage, SessionStage, type Stage } from "./stage.js";
import { askedEndings, factOfEnding, lostOwnerEndings, type ZooEnding, zooEndings } from "./zoo-ending.js";
import { type ProcessZooReport, ZooTally } from "./zoo-tally.js";

/** How much of the zoo is shown. */
export interface ProcessZooOptions {
  /** How often each ending is tried with each kind. @default 10 */
  readonly rounds?: number;
  /** @default all that the facts allow */
  readonly endings?: readonly ZooEnding[];
  /** Hears of progress, a line at a time. */
  readonly print?: (line: string) => void;
}

const neighbourCount = 2;

/**
 * Six kinds of offspring, eight endings: each scene has one command of each kind, which are ended together, and neighbours, which
 * must not notice. Where a session claims `commands.kill` `tree` it is measured in full; for `group`, the endings that a caller
 * asks for with what stays in its group. What is not measured is told with its reason.
 */
export async function runProcessZoo<Config>(
  provider: RemoteRunnerProvider<Config>,
  facts: ProviderFacts<Config>,
  options: ProcessZooOptions = {},
): Promise<ProcessZooReport> {
  const zoo = new ProcessZoo(provider as RemoteRunnerProvider, facts as ProviderFacts, options);
  try {
    return await zoo.run();
  } finally {
    await zoo.close();
  }
}

class ProcessZoo {
  readonly #provider: RemoteRunnerProvider;
  readonly #facts: ProviderFacts;
  readonly #options: ProcessZooOptions;
  readonly #name = `zoo-${randomBytes(4).toString("hex")}`;
  readonly #tally: ZooTally;
  readonly #slowness: number;
  readonly #leaseMs: number;
  readonly #sessions: RemoteRunnerSession[] = [];
  /** One that was started ahead of need: a process takes longer to start than a scene to play. */
  #nextOwner: OwnerProcess | undefined;
  #frozenOwner: OwnerProcess | undefined;
  #home: RemoteRunnerSession | undefined;
  #timeoutMs = 1_000;
  #scenes = 0;

  constructor(provider: RemoteRunnerProvider, facts: ProviderFacts, options: ProcessZooOptions) {
    this.#provider = provider;
    this.#facts = facts;
    this.#options = options;
    this.#slowness = facts.slowness ?? 1;
    this.#leaseMs = facts.leaseMs ?? 30_000;
    this.#tally = new ZooTally(this.#leaseMs);
  }

  async run(): Promise<ProcessZooReport> {
    const { rounds = 10, endings = zooEndings, print } = this.#options;
    const [watch, home] = await Promise.all([this.#open(), this.#open()]);
    const kinds = await this.#kindsOf(home);
    await home.commands.run({ program: "mkdir", args: [this.#name] });
    this.#home = home;
    for (const ending of endings) {
      const animals = this.#claimed(ending, home, kinds);
      if (animals.length === 0) continue;
      for (let round = 0; round < rounds; round += 1) {
        if (ending === "owner killed" && round < rounds - 1) this.#nextOwner ??= new OwnerProcess(this.#facts);
        this.#tally.add(ending, await this.#scene(ending, watch, home, animals));
      }
      print?.(this.#tally.line(ending));
    }
    return this.#tally.report();
  }

  async close(): Promise<void> {
    await Promise.all([this.#nextOwner?.remove(), this.#frozenOwner?.remove()]);
    const removal = this.#home?.commands.run({ program: "rm", args: ["-rf", this.#name] });
    await within(20_000 * this.#slowness, Promise.allSettled([removal]));
    await within(20_000 * this.#slowness, Promise.allSettled(this.#sessions.map((session) => session.destroy())));
    // What killed owners and helpers left of their sessions.
    await within(
      20_000 * this.#slowness,
      Promise.allSettled([this.#provider.reap?.(this.#facts.destination, { labels: this.#labels })]),
    );
  }

  get #labels(): Record<string, string> {
    return { "mooring-zoo": this.#name };
  }

  get #sessionOptions(): RunnerSessionOptions {
    return { ...this.#facts.options, labels: { ...this.#facts.options?.labels, ...this.#labels } };
  }

  async #open(): Promise<RemoteRunnerSession> {
    const session = await this.#provider.createSession(this.#facts.destination, this.#sessionOptions);
    this.#sessions.push(session);
    return session;
  }

  async #kindsOf(session: RemoteRunnerSession): Promise<readonly OffspringKind[]> {
    const tools = await probeTools(session);
    return offspringKinds.filter((kind) => {
      const missing = ["sh" as const, "sleep" as const, "grep" as const, ...kind.tools].filter(
        (tool) => !tools.has(tool),
      );
      if (missing.length > 0) this.#tally.skip(`${kind.what}: the place has no ${missing.join(", ")}`);
      return missing.length === 0;
    });
  }

  /** The kinds that what the session claims covers. */
  #claimed(ending: ZooEnding, session: RemoteRunnerSession, kinds: readonly OffspringKind[]): readonly OffspringKind[] {
    const fact = factOfEnding[ending];
    if (fact !== undefined && this.#facts[fact] === undefined) {
      this.#tally.skip(`${ending}: the facts say nothing of \`${fact}\``);
      return [];
    }
    const { kill } = session.capabilities.commands;
    if (kill === "tree") return kinds;
    const claimed = kill === "group" && askedEndings.includes(ending) ? kinds.filter(({ inGroup }) => inGroup) : [];
    if (claimed.length < kinds.length) {
      const left = kinds.filter((kind) => !claimed.includes(kind)).map(({ name }) => name);
      this.#tally.skip(`${ending}: commands.kill is ${kill}, which does not cover ${left.join(", ")}`);
    }
    return claimed;
  }

  async #scene(
    ending: ZooEnding,
    watch: RemoteRunnerSession,
    home: RemoteRunnerSession,
    kinds: readonly OffspringKind[],
  ): Promise<SceneOutcome> {
    for (let attempt = 1; ; attempt += 1) {
      this.#scenes += 1;
      const victims = kinds.map((kind, index) => ({ index, kind }));
      // A hopper comes to its own end one day, which would be no fault of the provider's.
      const lasting = kinds.filter(({ name }) => name !== "pid-hopper");
      const neighbours = Array.from({ length: neighbourCount }, (_, position) => ({
        index: kinds.length + position,
        kind: lasting[(this.#scenes + position) % lasting.length] as OffspringKind,
      }));
      try {
        return await playScene({
          ending,
          stage: await this.#stage(ending, home),
          lookout: new Lookout(watch, `${this.#name}-${this.#scenes}`, this.#name),
          home,
          victims,
          neighbours,
          hops: 4_000 + this.#leaseMs,
          patienceMs: this.#tally.limitOf(ending) + 3_000 * this.#slowness,
          slowness: this.#slowness,
        });
      } catch (error) {
        // A timeout that came before the offspring was there says nothing.
        if (!(error instanceof UnreadyScene) || ending !== "timeout" || attempt === 4) throw error;
        this.#timeoutMs *= 2;
      }
    }
  }

  async #stage(ending: ZooEnding, home: RemoteRunnerSession): Promise<Stage> {
    if (lostOwnerEndings.includes(ending)) return new OwnerStage(this.#owner(ending), ending, this.#sessionOptions);
    const own = ending === "close" || ending === "helper killed";
    return new SessionStage(own ? await this.#open() : home, ending, {
      facts: this.#facts,
      timeoutMs: this.#timeoutMs * this.#slowness,
      slowness: this.#slowness,
    });
  }

  /** A frozen one is thawed and serves again; a killed one is gone. */
  #owner(ending: ZooEnding): OwnerProcess {
    if (ending === "connection cut") {
      this.#frozenOwner ??= this.#takeOwner();
      return this.#frozenOwner;
    }
    return this.#takeOwner();
  }

  #takeOwner(): OwnerProcess {
    const owner = this.#nextOwner ?? new OwnerProcess(this.#facts);
    this.#nextOwner = undefined;
    return owner;
  }
}
