import { posix } from "node:path";
import {
  RunnerError,
  type RestrictedSession,
  type RunnerCommandRequest,
  type RunnerCommands,
  type RunnerRestrictions,
} from "@mooring/api";
import { expected } from "../errors/expected.js";
import { isWithin, type PathScope, scopedPath } from "./path-scope.js";
import { readOnlyError, restrictedFiles } from "./restricted-files.js";

/** A view that can do less than its session, never more. */
export function restrictSession(
  session: RestrictedSession,
  sessionReadRoots: readonly string[],
  options: RunnerRestrictions = {},
): RestrictedSession {
  const workspace = narrowed("workspace", options.workspace ?? session.workspace, [session.workspace]);
  const allowed = [session.workspace, ...sessionReadRoots];
  const readRoots = (options.readRoots ?? sessionReadRoots).map((root, index) =>
    narrowed(`readRoots[${index}]`, root, allowed),
  );
  const readOnly = options.readOnly ?? false;
  const scope: PathScope = {
    workspace,
    readRoots,
    isWhole: workspace === session.workspace && options.readRoots === undefined,
  };
  return {
    id: session.id,
    providerId: session.providerId,
    workspace,
    platform: session.platform,
    capabilities: {
      ...session.capabilities,
      files: {
        ...session.capabilities.files,
        ...(readOnly && session.capabilities.files.access === "read-write" ? { access: "read" as const } : {}),
        // The far side holds the session's roots; within them, a link may lead out of the narrower view.
        ...(scope.isWhole ? {} : { confinement: "advisory" as const }),
      },
    },
    commands: restrictedCommands(session.commands, scope, readOnly),
    files: restrictedFiles(session.files, scope, readOnly),
  };
}

function narrowed(option: string, path: unknown, allowed: readonly string[]): string {
  if (typeof path !== "string" || !path.startsWith("/") || path.includes("\0")) {
    throw expected(option, "an absolute path", path);
  }
  const absolute = posix.resolve(path);
  if (allowed.some((root) => isWithin(root, absolute))) return absolute;
  throw new RunnerError(
    "path_escape",
    `Expected \`${option}\` to lie within the session's own roots, got \`${path}\``,
    {
      resource: "session",
      retryable: false,
      phase: "before_start",
    },
  );
}

function restrictedCommands(commands: RunnerCommands, scope: PathScope, readOnly: boolean): RunnerCommands {
  const inScope = (request: RunnerCommandRequest, operation: string): RunnerCommandRequest => {
    if (readOnly) throw readOnlyError(operation);
    if (scope.isWhole || typeof request !== "object" || request === null) return request;
    return { ...request, cwd: scopedPath(scope, request.cwd ?? ".", "write", "cwd") };
  };
  const refuseWhenReadOnly = (operation: string) => {
    if (readOnly) throw readOnlyError(operation);
  };
  return {
    run: async (request, options) => commands.run(inScope(request, "commands.run"), options),
    start: async (request, options) => commands.start(inScope(request, "commands.start"), options),
    attach: async (commandId, options) => {
      refuseWhenReadOnly("commands.attach");
      return commands.attach(commandId, options);
    },
    list: async (options) => commands.list(options),
    cancel: async (commandId, options) => {
      refuseWhenReadOnly("commands.cancel");
      return commands.cancel(commandId, options);
    },
  };
}
