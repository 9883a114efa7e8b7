import { createOrchestrator, type Orchestrator, type ThreadHandle } from "@mooring/orchestrator";
import { memoryProvider } from "@mooring/conformance/doubles";
import type { FuzzTarget, Json } from "../engine/fuzz-target.js";
import { requireNoPollution } from "../oracles/pollution.js";
import { requireRefusal } from "../oracles/refusal.js";
import { requireThat } from "../oracles/violation.js";
import { exoticWords, revived } from "../support/exotic.js";

/** Content may be as long as a tool's result, and a line that says what is left out. */
const mostContentBytes = 65_536 + 4_096;
/** `internal` would be a fault of ours. */
const codes = [
  "unsupported",
  "invalid_request",
  "not_found",
  "already_exists",
  "permission_denied",
  "path_escape",
  "conflict",
  "timeout",
  "ended",
  "resource_exhausted",
] as const;

const calls: readonly Json[] = [
  { tool: "exec_command", arguments: { program: "echo", args: ["a"], cwd: ".", env: { A: "b" }, yieldMs: 0 } },
  { tool: "exec_command", arguments: { command: "echo a", input: "x", timeoutMs: 50, yieldMs: 5 } },
  { tool: "exec_command", arguments: { program: "cat", stdin: "pipe", background: true, yieldMs: 0 } },
  { tool: "write_stdin", arguments: { commandId: "cmd-1", text: "x", close: true, yieldMs: 0 } },
  { tool: "kill_command", arguments: { commandId: "cmd-1", signal: "SIGINT" } },
  { tool: "read_file", arguments: { path: "a.txt", startLine: 1, lineCount: 5 } },
  { tool: "read_file", arguments: { path: "/usr/share/doc", byteOffset: 0, byteCount: 5, encoding: "base64" } },
  { tool: "write_file", arguments: { path: "d/b.txt", content: "hello", encoding: "text", ifVersion: null } },
  { tool: "edit_file", arguments: { path: "a.txt", oldText: "two", newText: "2", replaceAll: true } },
  { tool: "list_files", arguments: { path: ".", depth: 3, exclude: ["*.log"], limit: 5 } },
  { tool: "glob", arguments: { pattern: "**/*.{txt,md}", path: ".", includeHidden: true, exclude: ["d"], limit: 5 } },
  { tool: "grep", arguments: { pattern: "t[wx]o", path: ".", include: "*.txt", ignoreCase: true, limit: 5 } },
  { tool: "read_file", arguments: { path: "../outside/secret" } },
  { tool: "write_file", arguments: { path: "/outside/new", content: "x" } },
  { tool: "expose_port", arguments: { port: 80, label: "web", readyTimeoutMs: 0 } },
];

let orchestrator: Orchestrator | undefined;
let thread: ThreadHandle | undefined;

/** Every tool with arguments that a model could make up: a result in any case, and never a fault of ours. */
export const toolArguments: FuzzTarget = {
  name: "tool-arguments",
  form: "json",
  covers: ["packages/orchestrator/src/tools", "packages/conformance/src/doubles/memory-walk", "doubles/glob-pattern"],
  seeds: calls,
  dictionary: [
    ...exoticWords,
    "path",
    "pattern",
    "..",
    "/etc/passwd",
    "a.txt",
    "/outside",
    "~",
    "file:",
    "**/",
    "[",
    "{a,",
    "\\",
  ],
  limitMs: 200,
  testInputs: 400,
  async open() {
    const provider = memoryProvider({
      files: {
        "/workspace/a.txt": "one\ntwo\nthree\n",
        "/workspace/d/x.md": "two",
        "/outside/secret": "hunter2-marked",
      },
      commands: {
        echo: ({ args }) => ({ stdout: args.join(" ") }),
        cat: async (invocation) => {
          for await (const chunk of invocation.stdin) await invocation.stdout(chunk);
          return { exit: 0 };
        },
      },
    });
    orchestrator = createOrchestrator({ providers: [provider] });
    await orchestrator.bind("t", { destination: { providerId: "memory" }, readRoots: ["/usr/share"] });
    thread = orchestrator.thread("t");
    return {
      async [Symbol.asyncDispose]() {
        await orchestrator?.close();
      },
    };
  },
  async run(input) {
    const { tool, arguments: given } = (input ?? {}) as { readonly tool?: Json; readonly arguments?: Json };
    if (typeof tool !== "string" || given === undefined || thread === undefined) return undefined;
    const found = thread.tools.find(({ name }) => name === tool);
    if (found === undefined) return undefined;
    const result = await found.call(bounded(tool, revived(given)));
    requireNoPollution();
    requireThat(
      Buffer.byteLength(result.content) <= mostContentBytes,
      () => `Content of ${result.content.length} characters`,
    );
    requireThat(!result.content.includes("hunter2-marked"), () => "Something outside the workspace was read");
    requireThat(result.ok === (result.error === undefined), () => "A result that is both good and bad");
    if (result.error !== undefined) requireRefusal(result.error, codes);
    return [`${tool} ${result.error?.code ?? "ok"}`];
  },
};

/** Waiting is not what this is about: what may wait long is told to wait shortly. */
function bounded(tool: string, given: unknown): unknown {
  const waits = tool === "exec_command" || tool === "write_stdin";
  if (!waits || typeof given !== "object" || given === null || Array.isArray(given)) return given;
  const { yieldMs } = given as { readonly yieldMs?: unknown };
  const isLong = yieldMs === undefined || (typeof yieldMs === "number" && yieldMs > 20);
  return isLong ? { ...given, yieldMs: 5 } : given;
}
