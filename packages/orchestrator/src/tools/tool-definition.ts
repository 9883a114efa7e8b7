import type * as z from "zod";
import type { JsonObject, RemoteRunnerSession } from "@mooring/api";
import type { CommandRegistry } from "../commands/command-registry.js";
import type { OrchestratorLimits } from "../orchestrator-defaults.js";
import type { LeaseMode } from "../sessions/workspace-leases.js";
import type { LeftOut } from "./output-window.js";
import type { WorkspacePaths } from "./workspace-paths.js";

/** What a tool works with, once its turn has come. */
export interface ToolContext {
  readonly session: RemoteRunnerSession;
  readonly commands: CommandRegistry;
  readonly limits: OrchestratorLimits;
  readonly signal: AbortSignal | undefined;
  /** A path of the session as a model should see it. */
  display(this: void, path: string): string;
  /** The time a command may take: what was asked for, or what the caller's deadline leaves. */
  commandTimeoutMs(requestedMs: number): number;
}

export interface ToolOutcome {
  /** For the model. */
  readonly content: string;
  readonly data: JsonObject;
  /** What `content` lacks; the pipeline bounds it further when it is too long. */
  readonly truncated?: LeftOut | null;
  /** For the event: no contents, no output. @default {} */
  readonly facts?: JsonObject;
}

export type ToolWork = (context: ToolContext) => Promise<ToolOutcome>;

/** A tool as it is written: its arguments, and what it does with them. */
export interface ToolDefinition<Arguments = unknown> {
  readonly name: string;
  readonly description: string;
  readonly schema: z.ZodType<Arguments>;
  /** How it shares the workspace with other calls; `none` for what must get through while a command runs. */
  readonly lease: LeaseMode | "none";
  /** Checks what can be checked before anything is done, paths above all, and gives the work. Throws `RunnerError`s. */
  plan(args: Arguments, paths: WorkspacePaths, limits: OrchestratorLimits): ToolWork;
}
