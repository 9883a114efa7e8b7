import process from "node:process";
import {
  type RemoteRunnerSession,
  type RunnerCommand,
  type RunnerCommandRequest,
  type RunnerCommandResult,
  RunnerError,
  type RunnerErrorCode,
} from "@mooring/api";
import type { CheckContext } from "../../check-context.js";
import { readFirst } from "../process/endings.js";

const runAway = 90;

/**
 * The beginning of a script that harms its parent. It leaves at once where that parent is no process of the session's
 * own, but the one that runs these checks, or none.
 */
export const sparesTheChecks = `[ "$PPID" -gt 1 ] && [ "$PPID" != ${process.pid} ] || exit ${runAway}\n`;

/** There is nothing to prove where the script found that its parent must be spared. */
export function skipIfSpared(context: CheckContext, result: RunnerCommandResult): void {
  if (result.exit.kind === "code" && result.exit.code === runAway) {
    context.skip("the parent of a command is not a process of its session");
  }
}

/** The call must settle, and if it rejects then with a `RunnerError`, of these codes if some are given. */
export async function settlesTyped<Value>(
  context: CheckContext,
  asked: string,
  call: () => PromiseLike<Value>,
  ...codes: RunnerErrorCode[]
): Promise<Value | undefined> {
  const outcome = await context.outcome(asked, call);
  if ("value" in outcome) return outcome.value;
  const { error } = outcome;
  const typed = RunnerError.is(error) && (codes.length === 0 || codes.includes(error.code));
  if (!typed) context.fail(`${asked}: expected it to work or a RunnerError ${codes.join(" or ")}`, error);
  context.note(asked, error);
  return undefined;
}

/** After an attack a session may be lost, and must say so; else it works. A new one works in any case. */
export async function stillHonest(context: CheckContext, session: RemoteRunnerSession): Promise<void> {
  const echo = await context.outcome("a command afterwards", () =>
    session.commands.run({ script: "echo alive", timeoutMs: 8_000 * context.slowness }),
  );
  if ("error" in echo || echo.value.reason === "disconnected") {
    const ended = await context.settles("`ended` of a session that serves no more", session.ended);
    context.equal("its reason", ended.reason, "lost");
  } else {
    context.bytes("what a command afterwards writes", echo.value.stdout.bytes, "alive\n");
  }
  const next = await context.freshSession();
  const { stdout } = await next.commands.run({ script: "echo alive" });
  context.bytes("a command of the next session", stdout.bytes, "alive\n");
}

/** A call on the session, repeated while something hostile goes on: each must come back in this time. */
export async function answersWithin(
  context: CheckContext,
  milliseconds: number,
  times: number,
  call: () => Promise<unknown>,
): Promise<void> {
  let slowest = 0;
  for (let index = 0; index < times; index += 1) {
    const started = performance.now();
    await context.settles("a call meanwhile", call());
    slowest = Math.max(slowest, performance.now() - started);
  }
  const limit = milliseconds * context.slowness;
  context.that(
    `the slowest of ${times} calls meanwhile to take at most ${limit} ms`,
    slowest <= limit,
    Math.round(slowest),
  );
}

/** Starts a command in this session and waits for its first bytes. */
export async function startReadyIn(
  context: CheckContext,
  session: RemoteRunnerSession,
  request: RunnerCommandRequest,
): Promise<RunnerCommand> {
  const command = await session.commands.start(request);
  context.afterwards(() => command.cancel({ graceMs: 0 }));
  await readFirst(context, command);
  return command;
}
