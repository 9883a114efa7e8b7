import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { ProviderFacts } from "../provider-facts.js";
import type { OwnerAnswer, OwnerRequest, OwnerTask } from "./owner-protocol.js";

/** An owner said no; `code` is the one of its `RunnerError`. */
export class OwnerFailure extends Error {
  override readonly name = "OwnerFailure";
  readonly code: string;

  constructor(code: string, message: string) {
    super(`${code}: ${message}`);
    this.code = code;
  }
}

/** The owner ended before it answered. */
export class OwnerGone extends Error {
  override readonly name = "OwnerGone";
}

interface Waiting {
  readonly onPart: (value: unknown) => void;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** A process of its own that owns sessions of the provider, so that it can be killed or frozen as ours might be. */
export class OwnerProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #next = 1;
  #complaint = "";
  /** Resolves when it is gone, however it went. */
  readonly gone: Promise<void>;

  /** Starts one. It loads the module `facts.owner`, under the same options of node as this process unless the facts say others. */
  constructor(facts: Pick<ProviderFacts, "owner" | "ownerArguments">) {
    if (facts.owner === undefined) throw new Error("Expected the fact `owner`, got none");
    const own = import.meta.url;
    const program = new URL(own.endsWith(".ts") ? "../zoo-owner.ts" : "./zoo-owner.js", own);
    const child = spawn(
      process.execPath,
      [...(facts.ownerArguments ?? process.execArgv), fileURLToPath(program), facts.owner.href],
      { stdio: ["pipe", "pipe", "pipe"], detached: true },
    );
    this.#child = child;
    child.stdin.on("error", () => undefined);
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#complaint = (this.#complaint + text).slice(-2_000);
    });
    this.gone = new Promise((resolve) => {
      child.once("error", () => resolve());
      child.once("close", () => resolve());
    });
    createInterface({ input: child.stdout }).on("line", (line) => this.#onLine(line));
    void this.gone.then(() => {
      for (const { reject } of this.#waiting.values()) reject(new OwnerGone(`The owner is gone: ${this.#complaint}`));
      this.#waiting.clear();
    });
  }

  /** What it answers to one task. A task that answers in parts tells each of them to `onPart`. */
  ask<Value>(task: OwnerTask, onPart: (value: unknown) => void = () => undefined): Promise<Value> {
    const id = this.#next;
    this.#next += 1;
    const request: OwnerRequest = { id, task };
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { onPart, resolve: (value) => resolve(value as Value), reject });
      this.#child.stdin?.write(`${JSON.stringify(request)}\n`);
    });
  }

  kill(signal: "SIGKILL" | "SIGSTOP" | "SIGCONT"): void {
    this.#child.kill(signal);
  }

  /** Kills it and waits until it is gone. */
  async remove(): Promise<void> {
    this.kill("SIGKILL");
    await this.gone;
  }

  // A line that a kill cut short does not parse, and never counts as told.
  #onLine(line: string): void {
    let answer: OwnerAnswer;
    try {
      answer = JSON.parse(line) as OwnerAnswer;
    } catch {
      return;
    }
    const waiting = this.#waiting.get(answer.id);
    if (waiting === undefined) return;
    if ("part" in answer) return waiting.onPart(answer.part);
    this.#waiting.delete(answer.id);
    if ("error" in answer) waiting.reject(new OwnerFailure(answer.error.code, answer.error.message));
    else waiting.resolve(answer.value);
  }
}
