import type { RemoteRunnerSession, RunnerCommand, RunnerCommandRequest } from "@mooring/api";
import { within } from "../support/deadline.js";
import type { Lookout } from "./lookout.js";
import type { OffspringKind } from "./offspring-kinds.js";

/** One command of a scene and the offspring that it has. */
export interface Animal {
  readonly index: number;
  readonly kind: OffspringKind;
}

/** Starts offspring of its kind, tells its parent's number, and then answers lines if it can be asked any. */
export function animalRequest(lookout: Lookout, animal: Animal, hops: number): RunnerCommandRequest {
  const mark = lookout.markOf(animal.index);
  const offspring = animal.kind.script(lookout.offspringMarkOf(animal.index), hops);
  return {
    script: `: ${mark}\n${offspring}\necho "parent $PPID"\nwhile :; do sleep 1; done`,
    env: { MOORING_MARK: mark },
    cwd: lookout.directory,
    graceMs: 0,
  };
}

/** The same for one that is not to be ended, and has to answer. */
export function neighbourRequest(lookout: Lookout, animal: Animal, hops: number): RunnerCommandRequest {
  const { script, ...request } = animalRequest(lookout, animal, hops) as { script: string };
  const answering = 'while read -r line; do echo "answer $line"; done';
  return { ...request, script: script.replace("while :; do sleep 1; done", answering), stdin: "pipe" };
}

/** Waits for whole lines in the output; `undefined` when they do not come in time. */
export async function outputWith(
  command: RunnerCommand,
  wanted: readonly RegExp[],
  waitMs: number,
): Promise<string | undefined> {
  const deadline = performance.now() + waitMs;
  const decoder = new TextDecoder();
  let cursor = { stdout: 0, stderr: 0 };
  let text = "";
  const isThere = () => wanted.every((line) => line.test(text));
  while (!isThere()) {
    const left = Math.ceil(deadline - performance.now());
    if (left <= 0) return undefined;
    const page = await command.read(cursor, { waitMs: left });
    cursor = { ...page.cursor };
    for (const { stream, bytes } of page.chunks) if (stream === "stdout") text += decoder.decode(bytes);
    if (page.ended && !isThere()) return undefined;
  }
  return text;
}

/** Why a neighbour is no longer what it was, or `undefined` when it lives and answers. */
export async function neighbourLoss(
  session: RemoteRunnerSession,
  command: RunnerCommand,
  waitMs: number,
): Promise<string | undefined> {
  const ended = await within(0, command.result());
  if (ended !== "late") return `it ended by ${ended.value.reason}`;
  if (session.capabilities.commands.stdin === "none") {
    const listed = (await session.commands.list()).find(({ commandId }) => commandId === command.commandId);
    return listed?.state === "running" ? undefined : `it is listed as ${listed?.state ?? "nothing"}`;
  }
  try {
    await command.write("ping\n");
  } catch (error) {
    return `it takes no input: ${String(error)}`;
  }
  return (await outputWith(command, [/answer ping\n/], waitMs)) === undefined ? "it does not answer" : undefined;
}
