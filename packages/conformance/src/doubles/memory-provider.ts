import { randomUUID } from "node:crypto";
import {
  absolutePathSchema,
  parseUntrusted,
  type RemoteRunnerProvider,
  type ResumedSession,
  type RunnerDestination,
  runnerIdSchema,
  type RunnerResumeOptions,
  type RunnerSessionInfo,
  type RunnerSessionOptions,
  type RunnerSessionState,
  runnerSessionStateSchema,
} from "@mooring/api";
import { failure, throwIfCancelled } from "./failure.js";
import { memoryCapabilities } from "./memory-capabilities.js";
import { type MemoryConfig, memoryConfigSchema } from "./memory-config.js";
import { checkEnvironment } from "./memory-request.js";
import { MemorySession } from "./memory-session.js";
import { ensureDirectory, findNode, makeDirectory, makeFile } from "./memory-tree.js";
import type { ScriptedProgram } from "./scripted-program.js";
import { binaryOf, bytesOf } from "./text-bytes.js";

export interface MemoryProviderOptions {
  /** @default "memory" */
  readonly id?: string;
  /** Where sessions work that ask for nothing else. @default "/workspace" */
  readonly workspace?: string;
  /** Files that are there from the beginning, by absolute path. @default {} */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** The programs that can be run, by the name that a request uses. @default {} */
  readonly commands?: Readonly<Record<string, ScriptedProgram>>;
}

/** A provider whose places are a tree of files in memory, shared by all its sessions. */
export interface MemoryProvider extends RemoteRunnerProvider<MemoryConfig> {
  /** Makes a session's connection break: it ends `lost`, and can be resumed. */
  loseConnection(sessionId: string): void;
}

interface KnownSession {
  readonly sessionId: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly createdAtMs: number;
  live: MemorySession | undefined;
}

/**
 * A small, honest provider for tests: files in memory, programs by script. It claims exactly what it does; everything
 * else rejects with `unsupported`.
 */
export function memoryProvider(options: MemoryProviderOptions = {}): MemoryProvider {
  const { id = "memory", workspace: defaultWorkspace = "/workspace", commands = {} } = options;
  const tree = makeDirectory();
  const known = new Map<string, KnownSession>();
  for (const [path, contents] of Object.entries(options.files ?? {})) {
    const binary = binaryOf(path);
    const slash = binary.lastIndexOf("/");
    const parent = ensureDirectory(tree, binary.slice(0, slash));
    parent.entries.set(binary.slice(slash + 1), makeFile(bytesOf(contents).slice()));
  }

  async function check(destination: RunnerDestination<MemoryConfig>): Promise<MemoryConfig> {
    const config = await parseUntrusted(memoryConfigSchema, destination.config, `config of ${id}`);
    if (destination.id === "") {
      throw failure("invalid_request", 'Expected `id` of destination to be not empty, got ""');
    }
    if (destination.providerId !== id) {
      throw failure(
        "invalid_request",
        `Expected \`providerId\` of destination to be ${id}, got ${destination.providerId}`,
      );
    }
    refuseWhatIsAbsent("requirements", Object.keys(destination.requirements ?? {}));
    refuseWhatIsAbsent("manifest entries", destination.defaultManifest.entries);
    refuseWhatIsAbsent("manifest mounts", destination.defaultManifest.mounts);
    return config;
  }

  async function open(
    destination: RunnerDestination<MemoryConfig>,
    sessionId: string,
    session: RunnerSessionOptions,
    fallback: "close" | "destroy",
  ): Promise<MemorySession> {
    const config = await check(destination);
    if (session.snapshot !== undefined) refuseWhatIsAbsent("snapshot", [session.snapshot]);
    const workspace = await path(session.workspace ?? config.workspace ?? defaultWorkspace, "workspace");
    const readRoots = await Promise.all((session.readRoots ?? []).map((root) => path(root, "readRoots")));
    const writeRoots = await Promise.all((session.writeRoots ?? []).map((root) => path(root, "writeRoots")));
    throwIfCancelled(session.signal, "provider.createSession");
    checkEnvironment(session.env, "provider.createSession");
    const made = findNode(tree, workspace) === undefined;
    ensureDirectory(tree, workspace);
    const entry: KnownSession = known.get(sessionId) ?? {
      sessionId,
      labels: session.labels ?? {},
      createdAtMs: Date.now(),
      live: undefined,
    };
    const live = new MemorySession({
      id: sessionId,
      providerId: id,
      destinationId: destination.id,
      tree,
      programs: commands,
      roots: { workspace, readRoots, writeRoots },
      options: session,
      onDispose: session.onDispose ?? fallback,
      onEnd(reason) {
        if (entry.live === live) entry.live = undefined;
        if (reason !== "destroyed") return;
        known.delete(sessionId);
        if (made) removeDirectory(workspace);
      },
    });
    entry.live = live;
    known.set(sessionId, entry);
    return live;
  }

  function removeDirectory(directory: string): void {
    const slash = directory.lastIndexOf("/");
    const parent = findNode(tree, directory.slice(0, slash));
    if (parent?.type === "directory") parent.entries.delete(directory.slice(slash + 1));
  }

  return {
    specificationVersion: "runner-v1",
    id,
    configSchema: memoryConfigSchema,
    capabilities: memoryCapabilities,

    defaultWorkspace: (config) => config.workspace ?? defaultWorkspace,

    async validateDestination(destination, call = {}) {
      throwIfCancelled(call.signal, "provider.validateDestination");
      await check(destination);
    },

    async createSession(destination, session = {}) {
      throwIfCancelled(session.signal, "provider.createSession");
      const sessionId = await parseUntrusted(runnerIdSchema, session.sessionId ?? randomUUID(), "sessionId");
      if (known.has(sessionId)) {
        throw failure("already_exists", `The session ${sessionId} exists: resume it`, {
          operation: "provider.createSession",
          resource: "session",
        });
      }
      return await open(destination, sessionId, session, "destroy");
    },

    async resumeSession(destination, given, resume = {}): Promise<ResumedSession> {
      throwIfCancelled(resume.signal, "provider.resumeSession");
      const state = await parseState(given, id, destination);
      const workspace = resume.workspace ?? state.workspace;
      const entry = known.get(state.sessionId);
      if (entry !== undefined) {
        if (entry.live !== undefined) {
          throw failure("conflict", `The session ${state.sessionId} has an owner that lives`, {
            operation: "provider.resumeSession",
            resource: "session",
          });
        }
        const session = await open(destination, state.sessionId, { ...resume, workspace }, "close");
        return { session, outcome: "reattached", missing: [] };
      }
      return await recreate(destination, state, { ...resume, workspace });
    },

    async *listSessions(destination, listOptions = {}): AsyncGenerator<RunnerSessionInfo> {
      throwIfCancelled(listOptions.signal, "provider.listSessions");
      await check(destination);
      const wanted = Object.entries(listOptions.labels ?? {});
      for (const { sessionId, labels, createdAtMs, live } of known.values()) {
        if (!wanted.every(([name, value]) => labels[name] === value)) continue;
        yield { sessionId, labels, createdAtMs, state: live ? "running" : "idle", commands: 0 };
      }
    },

    loseConnection(sessionId) {
      known.get(sessionId)?.live?.lose();
    },
  };

  async function recreate(
    destination: RunnerDestination<MemoryConfig>,
    state: RunnerSessionState,
    resume: RunnerResumeOptions,
  ): Promise<ResumedSession> {
    if (resume.onLost === "recreate") {
      const session = await open(destination, state.sessionId, resume, "close");
      const missing = ["The files of the former session are gone."];
      return { session, outcome: "recreated", missing };
    }
    throw failure("not_found", `The session ${state.sessionId} is gone`, {
      operation: "provider.resumeSession",
      resource: "session",
    });
  }
}

async function parseState(
  given: RunnerSessionState,
  providerId: string,
  destination: RunnerDestination<MemoryConfig>,
): Promise<RunnerSessionState> {
  const state = await parseUntrusted(runnerSessionStateSchema, given, "session state");
  for (const [field, expected] of [
    ["providerId", providerId],
    ["destinationId", destination.id],
  ] as const) {
    if (state[field] === expected) continue;
    throw failure("invalid_request", `Expected \`${field}\` of session state to be ${expected}, got ${state[field]}`, {
      operation: "provider.resumeSession",
      resource: "session",
    });
  }
  return state;
}

async function path(value: string, field: string): Promise<string> {
  const parsed = await parseUntrusted(absolutePathSchema, value, `\`${field}\``);
  return binaryOf(parsed.replaceAll(/\/+/g, "/").replace(/(.)\/$/, "$1"));
}

function refuseWhatIsAbsent(what: string, given: readonly unknown[]): void {
  if (given.length === 0) return;
  throw failure("unsupported", `${what} cannot be honoured: this runner lives in memory`, {
    resource: "destination",
  });
}
