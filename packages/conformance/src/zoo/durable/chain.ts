import type { RemoteRunnerSession, RunnerCommandRequest } from "@mooring/api";
import { pause, within } from "../../support/deadline.js";
import type { ProviderFacts } from "../../provider-facts.js";
import { OwnerFailure, OwnerGone, OwnerProcess } from "../owner-process.js";
import type { OwnerEnding, OwnerPage, OwnerSessionOptions, OwnerTask } from "../owner-protocol.js";
import type { KillMoment, noKillsYet } from "./durable-report.js";
import { Ledger } from "./ledger.js";
import { numberedExit, numberedScript } from "./numbered-output.js";

/** What a chain needs. */
export interface ChainOptions {
  readonly name: string;
  readonly facts: ProviderFacts;
  readonly sessionOptions: OwnerSessionOptions;
  /** A session of ours: it makes the command's directory and tells the command to stop. */
  readonly home: RemoteRunnerSession;
  readonly kills: number;
  readonly random: () => number;
  readonly report: ReturnType<typeof noKillsYet>;
  readonly slowness: number;
}

/** One durable command, and owners that are killed one after the other while they start it, find it again and read it. */
export class Chain {
  readonly #options: ChainOptions;
  readonly #ledger = new Ledger();
  readonly #request: RunnerCommandRequest & { readonly commandId: string };
  #state: unknown;
  #owner: OwnerProcess;
  /** The next one, so that its start costs no time between a kill and a resume. */
  #spare: OwnerProcess;
  #killsLeft: number;
  #wasStarted = false;

  constructor(options: ChainOptions) {
    this.#options = options;
    this.#killsLeft = options.kills;
    this.#owner = new OwnerProcess(options.facts);
    this.#spare = new OwnerProcess(options.facts);
    this.#request = {
      commandId: options.name,
      script: numberedScript(),
      cwd: options.name,
      durable: true,
      graceMs: 0,
    };
  }

  async run(): Promise<void> {
    const { home, name, report, sessionOptions } = this.#options;
    await home.files.makeDirectory(name);
    this.#state = await this.#ask({ kind: "open", options: sessionOptions });
    await this.#start();
    while (this.#killsLeft > 1) await this.#readAndKill();
    await home.files.write(`${name}/stop`, "");
    // The last kill is for an owner that could have seen the end.
    if (this.#killsLeft > 0) await this.#readAndKill("after the end");
    const ending = await this.#readToEnd();
    report.commands += 1;
    this.#judge(ending);
    const starts = Buffer.from((await home.files.read(`${name}/starts`)).contents).toString();
    if (starts !== "started\n") this.#violation(`it was started ${starts.split("\n").length - 1} times`);
    await this.#ask({ kind: "destroy" });
  }

  async close(): Promise<void> {
    await Promise.all([this.#owner.remove(), this.#spare.remove()]);
    await this.#options.home.files.remove(this.#options.name, { recursive: true });
  }

  /** Starts the command; some owners are killed at it, and the next one asks what became of it. */
  async #start(): Promise<void> {
    const { random, report } = this.#options;
    while (!this.#wasStarted) {
      const starting = this.#ask({ kind: "hold", commandId: this.#request.commandId, request: this.#request });
      if (this.#killsLeft > 1 && random() < 0.7) {
        const acknowledged = await this.#killWithin("starting", starting, random() * 25);
        await this.#resume();
        this.#wasStarted = (await this.#attach()) || acknowledged;
        if (!this.#wasStarted) report.neverStarted += 1;
      } else {
        await starting;
        this.#wasStarted = true;
      }
    }
  }

  async #readAndKill(moment?: KillMoment): Promise<void> {
    const { random } = this.#options;
    const reading = this.#read();
    const until = moment === "after the end" ? 400 + random() * 400 : random() * 700;
    if (await this.#killWithin(moment ?? "reading", reading, until)) {
      if (moment === undefined) this.#violation("its output ended before it was told to stop");
    }
    // Now and then the one who comes after is killed as well, before it has anything.
    while (this.#killsLeft > 1 && random() < 0.35) {
      const isResuming = random() < 0.5;
      const resuming = this.#ask({ kind: "resume", state: this.#state, options: this.#options.sessionOptions });
      if (isResuming) {
        await this.#killWithin("resuming", resuming, random() * 120);
      } else {
        await resuming;
        const attaching = this.#ask({ kind: "hold", commandId: this.#request.commandId });
        await this.#killWithin("attaching", attaching, random() * 15);
      }
    }
    await this.#resume();
    if (!(await this.#attach())) this.#violation("it was not found again after it had been started");
  }

  async #readToEnd(): Promise<OwnerEnding> {
    const ending = await within(60_000 * this.#options.slowness, this.#read());
    if (ending === "late") throw new Error(`${this.#options.name}: its output did not end`);
    return ending.value;
  }

  #read(): Promise<OwnerEnding> {
    return this.#ask<OwnerEnding>({ kind: "read", cursor: this.#ledger.cursor }, (page) => {
      this.#ledger.acknowledge(page as OwnerPage);
    });
  }

  async #resume(): Promise<void> {
    const outcome = await this.#ask({ kind: "resume", state: this.#state, options: this.#options.sessionOptions });
    if (outcome !== "reattached") this.#violation(`resuming was told to be ${String(outcome)}`);
  }

  /** Whether there is such a command. */
  async #attach(): Promise<boolean> {
    try {
      await this.#ask({ kind: "hold", commandId: this.#request.commandId });
      return true;
    } catch (error) {
      if (error instanceof OwnerFailure && error.code === "not_found") return false;
      throw error;
    }
  }

  /** Kills the owner after so many milliseconds; whether what it did had settled before. The next owner takes its place. */
  async #killWithin(moment: KillMoment, work: Promise<unknown>, milliseconds: number): Promise<boolean> {
    const settling = work.then(
      () => true,
      (error: unknown) => {
        if (!(error instanceof OwnerGone)) this.#violation(`while ${moment}: ${String(error)}`);
        return false;
      },
    );
    await Promise.race([settling, pause(milliseconds)]);
    const dying = this.#owner;
    dying.kill("SIGKILL");
    // What it acknowledged before it died counts, to the last line.
    await dying.gone;
    const settled = await settling;
    this.#killsLeft -= 1;
    this.#options.report.kills += 1;
    this.#options.report.killsByMoment[moment] += 1;
    this.#owner = this.#spare;
    this.#spare = new OwnerProcess(this.#options.facts);
    return settled;
  }

  async #ask<Value>(task: OwnerTask, onPart?: (part: unknown) => void): Promise<Value> {
    return await this.#owner.ask<Value>(task, onPart);
  }

  #judge({ reason, exit, stdoutBytes, stderrBytes }: OwnerEnding): void {
    const { report } = this.#options;
    report.bytes += this.#ledger.bytes;
    report.lostBytes += this.#ledger.lost;
    report.doubledBytes += this.#ledger.doubled;
    if (exit.kind === "unknown") report.exitsUnknown += 1;
    if (reason !== "exited" || JSON.stringify(exit) !== JSON.stringify(numberedExit)) {
      this.#violation(`it is told to have ended by ${reason} with ${JSON.stringify(exit)}`);
    }
    const { stdout, stderr } = this.#ledger.cursor;
    if (stdoutBytes !== stdout || stderrBytes !== stderr) {
      this.#violation(
        `it is told to have written ${stdoutBytes} and ${stderrBytes} bytes, got ${stdout} and ${stderr}`,
      );
    }
    for (const difference of this.#ledger.differences()) this.#violation(difference);
  }

  #violation(what: string): void {
    this.#options.report.violations.push(`${this.#options.name}: ${what}`);
  }
}
