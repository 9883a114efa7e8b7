import { randomBytes } from "node:crypto";
import { RunnerError } from "@mooring/api";
import type { TransportProcess } from "../transport.js";
import { abortable } from "../async/abort.js";
import { within } from "../async/within.js";
import { scriptOf } from "./shell-call.js";
import type { ShellPlace } from "./shell-place.js";
import { assignments, sourceLine } from "./shell-source.js";
import { spawnScript } from "./spawn-script.js";

const tickMs = 20;
/** The lease in pings. */
const leaseIntervals = 4;
/** How long it waits for those that it killed. Where `sleep` knows no fractions a wait of 20 ms takes a second. */
const mostKillMs = 3_000;
/** How long one that is given up has to kill what it knows of. */
const cleanUpMs = 2_000;
const longestLine = 1_048_576;

/** A process group by its number and its leader's start, as `number:start`: together they are never somebody else's. */
export type ProcessGroup = string;

/** A living process and the number of its group. */
export interface GroupMember {
  readonly pid: number;
  readonly group: string;
}

/** What an ending of groups found: who lived before, and who does still. */
export interface GroupEnding {
  readonly before: readonly GroupMember[];
  readonly survivors: readonly GroupMember[];
}

interface Waiting {
  readonly resolve: (answer: string) => void;
  readonly reject: (error: RunnerError) => void;
}

/**
 * The session's one resident shell. It signals and ends process groups, and kills all of them when this process, which
 * holds its standard input, is gone.
 */
export class ShellControl {
  readonly #process: TransportProcess;
  readonly #nonce: string;
  readonly #waiting = new Map<string, Waiting>();
  #nextId = 1;
  #text = "";
  #lost: RunnerError | undefined;
  #ready: Waiting | undefined;
  #pulse: NodeJS.Timeout | undefined;
  #leaseMs = 30_000;
  /** Called when another client takes the session over, before its commands are killed. */
  onLeaving: (() => void) | undefined;
  /** Called once when it ends unasked. */
  onLost: ((error: RunnerError) => void) | undefined;

  private constructor(process: TransportProcess, nonce: string) {
    this.#process = process;
    this.#nonce = nonce;
    process.stderr.on("error", () => undefined).resume();
    process.stdout.on("error", () => undefined);
    process.stdout.on("data", (chunk: Buffer) => this.#receive(chunk.toString("latin1")));
    void process.exited.then(() => this.#ended());
  }

  /** With the name of a session's state it becomes that session's owner. */
  static async start(place: ShellPlace, session: string | undefined, signal?: AbortSignal): Promise<ShellControl> {
    const nonce = randomBytes(16).toString("hex");
    const process = await spawnScript(place, scriptOf("05-state", "control"), "opening the session", signal);
    const control = new ShellControl(process, nonce);
    const ready = new Promise<string>((resolve, reject) => {
      control.#ready = { resolve, reject };
    });
    process.stdin.write(sourceLine(assignments({ nonce, session }), true));
    await abortable(ready, signal, "opening the session", () => process.kill());
    return control;
  }

  add(group: ProcessGroup): void {
    this.#send(`add ${group}`);
  }

  drop(group: ProcessGroup): void {
    this.#send(`drop ${group}`);
  }

  /** Whether the group was there to be signalled. The name is without SIG. */
  async signal(group: ProcessGroup, name: string): Promise<boolean> {
    return (await this.#ask(`signal`, `${name} ${group}`)).startsWith("sent");
  }

  /** TERM, grace, KILL. */
  async end(groups: readonly ProcessGroup[], graceMs: number): Promise<GroupEnding> {
    if (groups.length === 0) return { before: [], survivors: [] };
    const answer = await this.#ask("end", `${Math.ceil(graceMs / tickMs)} ${groups.join(" ")}`, graceMs + mostKillMs);
    const [before = "", survivors = ""] = answer.replace(/^ended /, "").split("/");
    return { before: membersIn(before), survivors: membersIn(survivors) };
  }

  async members(groups: readonly ProcessGroup[]): Promise<GroupMember[]> {
    if (groups.length === 0) return [];
    return membersIn((await this.#ask("members", groups.join(" "))).replace(/^members /, ""));
  }

  /** Removes the session's state. */
  async forget(): Promise<void> {
    await this.#ask("forget", "");
  }

  /** Asks for a sign of life now and then; without one for so long the far side counts as lost. */
  keepAlive(leaseMs: number): void {
    this.#leaseMs = leaseMs;
    let silent = 0;
    this.#pulse = setInterval(() => {
      // Intervals are counted, not time: a busy event loop of ours must not look like a silent shell.
      if (++silent >= leaseIntervals) {
        this.#ended();
        return;
      }
      this.#ask("ping", "").then(
        () => {
          silent = 0;
        },
        () => undefined,
      );
    }, leaseMs / leaseIntervals);
    this.#pulse.unref();
  }

  /** Lets go: it kills what is left of the groups and ends. Resolves then. */
  async close(): Promise<void> {
    this.onLost = undefined;
    this.#process.stdin.end();
    await within(this.#leaseMs, this.#process.exited, undefined);
    this.#process.kill();
  }

  /** An answer that does not come, while others do, was lost on the way: so is then the shell. */
  #ask(verb: string, rest: string, workMs = 0): Promise<string> {
    if (this.#lost !== undefined) return Promise.reject(this.#lost);
    const id = String(this.#nextId++);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#ended(), workMs + this.#leaseMs);
      timer.unref();
      const settled = <Value>(settle: (value: Value) => void) => {
        return (value: Value) => {
          clearTimeout(timer);
          settle(value);
        };
      };
      this.#waiting.set(id, { resolve: settled(resolve), reject: settled(reject) });
      this.#send(`${verb} ${id} ${rest}`);
    });
  }

  #send(line: string): void {
    if (this.#lost === undefined) this.#process.stdin.write(`${line}\n`);
  }

  #receive(text: string): void {
    this.#text += text;
    for (let end = this.#text.indexOf("\n"); end !== -1; end = this.#text.indexOf("\n")) {
      this.#answer(this.#text.slice(0, end));
      this.#text = this.#text.slice(end + 1);
    }
    if (this.#text.length > longestLine) this.#process.kill();
  }

  #answer(line: string): void {
    const start = line.indexOf(`${this.#nonce} `);
    if (start === -1) return;
    const words = line.slice(start + this.#nonce.length + 1);
    if (words.startsWith("ready ")) {
      this.#ready?.resolve(words);
      return;
    }
    const [id = ""] = words.split(" ", 1);
    if (words === "0 leaving") this.onLeaving?.();
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    waiting?.resolve(words.slice(id.length + 1));
  }

  #ended(): void {
    clearInterval(this.#pulse);
    if (this.#lost !== undefined) return;
    const error = new RunnerError("disconnected", "The shell that watches over the session's commands was lost", {
      resource: "session",
      retryable: null,
    });
    this.#lost = error;
    this.#ready?.reject(error);
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
    this.#letGo();
    this.onLost?.(error);
  }

  /** The end of its input has it kill the groups; it may only seem to have ended. */
  #letGo(): void {
    this.#process.stdin.destroy();
    const timer = setTimeout(() => this.#process.kill(), cleanUpMs);
    timer.unref();
    void this.#process.exited.then(() => {
      clearTimeout(timer);
      this.#process.kill();
    });
  }
}

function membersIn(text: string): GroupMember[] {
  return [...text.matchAll(/(\d+):(\d+)/g)].map(([, pid = "", group = ""]) => ({ pid: Number(pid), group }));
}
