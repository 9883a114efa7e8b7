import { randomUUID } from "node:crypto";
import type {
  RunnerCommandInfo,
  RunnerCommandRequest,
  RunnerCommands,
  RunnerFiles,
  RunnerSessionOptions,
  RunnerStartOptions,
} from "@mooring/api";
import { failure, throwIfCancelled } from "./failure.js";
import { MemoryCommand } from "./memory-command.js";
import type { MemoryGuard } from "./memory-files.js";
import { type MemoryRoots, resolvePath } from "./memory-paths.js";
import { checkRequest, resolveEnvironment } from "./memory-request.js";
import type { MemoryDirectory } from "./memory-tree.js";
import type { ScriptedProgram } from "./scripted-program.js";
import { bytesOf, pathFields } from "./text-bytes.js";

/** What the commands of a session share, whichever view of it starts them. */
export interface MemoryCommandContext {
  readonly tree: MemoryDirectory;
  readonly programs: Readonly<Record<string, ScriptedProgram>>;
  readonly options: RunnerSessionOptions;
  readonly files: RunnerFiles;
  /** All commands of the session, by their ids. */
  readonly started: Map<string, MemoryCommand>;
}

/** The commands facet over scripted programs. */
export function memoryCommands(context: MemoryCommandContext, roots: MemoryRoots, guard: MemoryGuard): RunnerCommands {
  async function start(request: RunnerCommandRequest, { signal }: RunnerStartOptions = {}) {
    const operation = "commands.start";
    guard.alive(operation);
    throwIfCancelled(signal, operation);
    checkRequest(request);
    if (guard.readOnly) {
      throw failure("permission_denied", "commands.start is refused: this view only reads", {
        operation,
        resource: "command",
      });
    }
    const commandId = request.commandId ?? randomUUID();
    if (context.started.has(commandId)) {
      throw failure("already_exists", `The command id ${commandId} was used before`, {
        operation,
        resource: "command",
      });
    }
    const cwd = workingDirectory(context.tree, roots, request);
    const { name, args } = target(request);
    const program = Object.hasOwn(context.programs, name) ? context.programs[name] : undefined;
    if (program === undefined) {
      throw failure("not_found", `No such program: ${name}`, { operation, resource: "command" });
    }
    const env = await resolveEnvironment(context.options, request.env);
    guard.alive(operation);
    throwIfCancelled(signal, operation);
    const surroundings = { args, cwd, env, files: context.files };
    const command = new MemoryCommand(commandId, request, program, surroundings);
    context.started.set(commandId, command);
    const abort = () => command.stop("cancelled");
    signal?.addEventListener("abort", abort, { once: true });
    return command;
  }

  return {
    start,
    async run(request, options) {
      return await (await start(request, options)).result();
    },
    async attach(commandId) {
      guard.alive("commands.attach");
      const command = context.started.get(commandId);
      if (command !== undefined) return command;
      throw failure("not_found", `No command of this session has the id ${commandId}`, {
        operation: "commands.attach",
        resource: "command",
      });
    },
    async list() {
      guard.alive("commands.list");
      return [...context.started.values()].map(describe);
    },
    async cancel(commandId, options) {
      guard.alive("commands.cancel");
      const command = context.started.get(commandId);
      if (command !== undefined) return await command.cancel(options);
      return { cancelled: false, survivors: [], confirmed: true };
    },
  };
}

function describe(command: MemoryCommand): RunnerCommandInfo {
  return {
    commandId: command.commandId,
    pid: command.pid,
    state: command.ended ? "ended" : "running",
    program: command.request.program ?? command.request.script,
    durable: false,
    processes: [],
  };
}

function target(request: RunnerCommandRequest): { name: string; args: string[] } {
  if (request.program === undefined) {
    return { name: request.shell ?? "/bin/sh", args: ["-c", request.script] };
  }
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  return {
    name: decoder.decode(bytesOf(request.program)),
    args: (request.args ?? []).map((argument) => decoder.decode(bytesOf(argument))),
  };
}

function workingDirectory(tree: MemoryDirectory, roots: MemoryRoots, request: RunnerCommandRequest): string {
  const place = resolvePath(tree, roots, request.cwd ?? ".", "write", "commands.start");
  if (place.node === undefined || place.node.type !== "directory") {
    throw failure("not_found", `No such directory for \`cwd\`: ${pathFields(place.path).path}`, {
      operation: "commands.start",
      resource: "command",
    });
  }
  return pathFields(place.path).path;
}
