import { randomBytes } from "node:crypto";
import {
  type RemoteRunnerProvider,
  type RemoteRunnerSession,
  RunnerError,
  type RunnerCapabilities,
  type RunnerCommandRequest,
  type RunnerCommandResult,
  type RunnerDestination,
  type RunnerErrorCode,
  type RunnerSessionOptions,
} from "@mooring/api";
import type { ProviderFacts } from "./provider-facts.js";
import type { SessionPool } from "./session-pool.js";
import { CheckFailure, CheckSkip } from "./support/check-failure.js";
import { within } from "./support/deadline.js";
import type { EvidenceLog } from "./support/evidence.js";
import { showBytes, showValue } from "./support/show-value.js";
import type { ToolName } from "./support/tools.js";

/** What a check works with: a session, a directory of its own, and the words to say what it found. */
export class CheckContext {
  readonly provider: RemoteRunnerProvider;
  readonly destination: RunnerDestination;
  readonly facts: ProviderFacts;
  /** The shared session; a check that ends sessions opens its own with `freshSession`. */
  readonly session: RemoteRunnerSession;
  readonly capabilities: RunnerCapabilities;
  readonly tools: ReadonlySet<ToolName>;
  /** Multiply waits by this. */
  readonly slowness: number;
  readonly #pool: SessionPool;
  readonly #evidence: EvidenceLog;
  readonly #cleanups: (() => Promise<unknown>)[] = [];
  #directory: string | undefined;

  constructor(parts: {
    pool: SessionPool;
    session: RemoteRunnerSession;
    tools: ReadonlySet<ToolName>;
    evidence: EvidenceLog;
    facts: ProviderFacts;
    slowness: number;
  }) {
    this.provider = parts.pool.provider;
    this.destination = parts.pool.destination;
    this.facts = parts.facts;
    this.session = parts.session;
    this.capabilities = parts.session.capabilities;
    this.tools = parts.tools;
    this.slowness = parts.slowness;
    this.#pool = parts.pool;
    this.#evidence = parts.evidence;
  }

  /** A session of the check's own, destroyed afterwards. */
  async freshSession(options: RunnerSessionOptions = {}): Promise<RemoteRunnerSession> {
    const session = await this.#pool.create(options);
    this.afterwards(() => this.#remove(session));
    return session;
  }

  /** Options as the facts give them for every session, with these over them. */
  sessionOptions(options: RunnerSessionOptions = {}): RunnerSessionOptions {
    return { ...this.#pool.options, ...options };
  }

  /** A new directory under the workspace: its absolute path. */
  async directory(): Promise<string> {
    if (this.#directory !== undefined) return this.#directory;
    const name = `${this.#pool.prefix}-${randomBytes(6).toString("hex")}`;
    const { files, commands, workspace } = this.session;
    if (this.capabilities.files.access === "read-write") await files.makeDirectory(name);
    else await commands.run({ program: "mkdir", args: [name] });
    this.#directory = `${workspace === "/" ? "" : workspace}/${name}`;
    const directory = this.#directory;
    this.afterwards(async () => {
      if (this.capabilities.files.access === "read-write") {
        await files.remove(name, { recursive: true });
      } else {
        await commands.run({ program: "rm", args: ["-rf", directory] });
      }
    });
    return directory;
  }

  /** A word that nothing else contains. */
  unique(prefix = "mooring-check"): string {
    return `${prefix}-${randomBytes(8).toString("hex")}`;
  }

  /** A secret to look for. It never appears in the evidence. */
  secret(): string {
    const secret = `canary${randomBytes(12).toString("hex")}`;
    this.#evidence.mask(secret);
    return secret;
  }

  /** Runs a script in the check's directory, by the shared session unless another is given. */
  async sh(
    script: string,
    request: Partial<RunnerCommandRequest> & { session?: RemoteRunnerSession } = {},
  ): Promise<RunnerCommandResult> {
    const { session = this.session, ...rest } = request;
    const cwd = rest.cwd ?? (session === this.session ? await this.directory() : undefined);
    return await session.commands.run({
      timeoutMs: 15_000 * this.slowness,
      graceMs: 0,
      ...rest,
      ...(cwd === undefined ? {} : { cwd }),
      script,
    } as RunnerCommandRequest);
  }

  /** The output of a script that must succeed. */
  async shText(
    script: string,
    request: Partial<RunnerCommandRequest> & { session?: RemoteRunnerSession } = {},
  ): Promise<string> {
    const result = await this.sh(script, request);
    const { exit } = result;
    if (exit.kind !== "code" || exit.code !== 0) {
      this.fail(
        `a script that the check needs failed: ${script}`,
        `${showValue(exit)}, ${result.reason}, ${result.stderr.text()}`,
      );
    }
    return result.stdout.text();
  }

  /** Runs when the check is over, last first; failures of it are not the provider's verdict. */
  afterwards(cleanup: () => Promise<unknown>): void {
    this.#cleanups.push(cleanup);
  }

  note(asked: string, came: unknown): void {
    this.#evidence.add(asked, came);
  }

  /** There is nothing to prove here, for this reason. */
  skip(reason: string): never {
    throw new CheckSkip(reason);
  }

  fail(asked: string, came: unknown): never {
    this.note(asked, came);
    const shown = typeof came === "string" ? came : showValue(came);
    throw new CheckFailure(this.#evidence.clean(`${asked}: got ${shown}`));
  }

  /** `asked` says what must be true, `came` what was found. */
  that(asked: string, condition: boolean, came: unknown): void {
    if (!condition) this.fail(asked, came);
    this.note(asked, came);
  }

  /** By their JSON. */
  equal(asked: string, actual: unknown, expected: unknown): void {
    const same = showExact(actual) === showExact(expected);
    if (!same) this.fail(`${asked}: expected ${showValue(expected)}`, actual);
    this.note(asked, actual);
  }

  bytes(asked: string, actual: Uint8Array, expected: Uint8Array | string): void {
    const wanted = typeof expected === "string" ? new TextEncoder().encode(expected) : expected;
    if (Buffer.compare(actual, wanted) === 0) return this.note(asked, actual);
    const at = wanted.findIndex((byte, index) => actual[index] !== byte);
    const where = at < 0 ? actual.length : at;
    return this.fail(
      `${asked}: expected ${showBytes(wanted)}`,
      `${showBytes(actual)}; they differ first at byte ${where}`,
    );
  }

  /** The call must reject with a `RunnerError` of one of these codes. */
  async rejects(asked: string, call: () => PromiseLike<unknown>, ...codes: RunnerErrorCode[]): Promise<RunnerError> {
    const outcome = await this.outcome(asked, call);
    if (!("error" in outcome)) {
      return this.fail(`${asked}: expected ${codes.join(" or ")}`, outcome.value);
    }
    const { error } = outcome;
    if (!RunnerError.is(error) || !codes.includes(error.code)) {
      return this.fail(`${asked}: expected ${codes.join(" or ")}`, error);
    }
    this.note(asked, error);
    return error;
  }

  /** What became of a call: it must settle in 10 s. */
  async outcome<Value>(
    asked: string,
    call: () => PromiseLike<Value>,
    milliseconds = 10_000,
  ): Promise<{ readonly value: Value } | { readonly error: unknown }> {
    try {
      const settled = await within(milliseconds * this.slowness, call());
      if (settled === "late") return this.fail(`${asked}: expected it to settle`, "it did not settle");
      return settled;
    } catch (error) {
      if (error instanceof CheckFailure) throw error;
      return { error };
    }
  }

  /** Destroys a session; one that was let go is resumed first, so that nothing of it is left. */
  async #remove(session: RemoteRunnerSession): Promise<void> {
    const over = await within(0, session.ended);
    if (over === "late") return void (await session.destroy());
    if (over.value.reason === "destroyed") return;
    try {
      const resumed = await this.provider.resumeSession(this.destination, session.state(), this.sessionOptions());
      await resumed.session.destroy();
    } catch (error) {
      // Somebody else has resumed it or it is gone: what they made of it is theirs to remove.
      if (!RunnerError.is(error)) throw error;
    }
  }

  /** The value of a promise, which must settle in time. */
  async settles<Value>(asked: string, promise: PromiseLike<Value>, milliseconds = 10_000): Promise<Value> {
    const settled = await within(milliseconds * this.slowness, promise);
    if (settled === "late") return this.fail(`${asked}: expected it to settle`, "it did not settle");
    return settled.value;
  }

  async cleanUp(): Promise<void> {
    for (const cleanup of this.#cleanups.toReversed()) {
      try {
        await within(5_000 * this.slowness, cleanup());
      } catch (error) {
        this.note("cleaning up after the check", error);
      }
    }
  }
}

/** JSON that keeps bytes and `undefined` apart, with keys in order of their names. */
function showExact(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (item instanceof Uint8Array) return { bytes: Buffer.from(item).toString("hex") };
    if (item === undefined) return { undefined: true };
    if (typeof item === "object" && item !== null && !Array.isArray(item)) {
      return Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)));
    }
    return item;
  });
}
