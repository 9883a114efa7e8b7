import type { RemoteRunnerSession } from "@mooring/api";
import { RunnerError } from "@mooring/api";

/** Programs that some checks use. `/bin/sh` and what POSIX puts beside it are told apart from the rest by `sh`. */
export const toolNames = [
  "sh",
  "awk",
  "cat",
  "dd",
  "env",
  "grep",
  "head",
  "ln",
  "mkfifo",
  "nohup",
  "od",
  "perl",
  "python3",
  "readlink",
  "setsid",
  "sleep",
  "sort",
  "stty",
  "tail",
  "tr",
  "uniq",
  "wc",
  "git",
  "make",
  "tmux",
  "npm",
] as const;

export type ToolName = (typeof toolNames)[number];

/** Which of them the session's commands find. */
export async function probeTools(session: RemoteRunnerSession): Promise<ReadonlySet<ToolName>> {
  if (session.capabilities.commands.output === "none") return new Set();
  try {
    const { stdout, exit, reason } = await session.commands.run({
      script: `for tool in ${toolNames.join(" ")}; do command -v "$tool" >/dev/null 2>&1 && echo "$tool"; done; :`,
      timeoutMs: 15_000,
    });
    if (exit.kind !== "code" || exit.code !== 0) {
      throw new Error(`probing for programs ended by ${reason} with ${JSON.stringify(exit)}`);
    }
    const found = new Set(stdout.text().split("\n"));
    return new Set(toolNames.filter((name) => found.has(name)));
  } catch (error) {
    if (RunnerError.is(error) && error.code === "not_found") return new Set();
    throw error;
  }
}
