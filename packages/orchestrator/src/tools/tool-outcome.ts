import { RunnerError, type JsonObject } from "@mooring/api";
import type { SecretRegistry } from "../events/secret-registry.js";
import type { OrchestratorLimits } from "../orchestrator-defaults.js";
import { boundText } from "./output-window.js";
import type { ToolResult } from "./thread-tool.js";
import type { ToolCall } from "./tool-call.js";
import type { ToolOutcome } from "./tool-definition.js";

export function toResult(
  { secrets, limits }: { readonly secrets: SecretRegistry; readonly limits: OrchestratorLimits },
  call: ToolCall,
  outcome: ToolOutcome | RunnerError,
): ToolResult {
  const common = {
    callId: call.callId,
    durationMs: Math.round((performance.now() - call.startedAt) * 1_000) / 1_000,
    warnings: [],
  };
  if (RunnerError.is(outcome)) {
    const error = withoutSecrets(outcome, secrets);
    // Lines of a file are no part of a message, which is one line.
    const hint = typeof error.details?.["hint"] === "string" ? ` ${error.details["hint"]}` : "";
    const { text, leftOut } = boundText(`${error.code}: ${error.message}${hint}`, limits.toolResultBytes);
    return { ...common, ok: false, content: text, data: null, error, truncated: leftOut };
  }
  const { text, leftOut } = boundText(outcome.content, limits.toolResultBytes);
  const truncated = outcome.truncated ?? leftOut;
  return { ...common, ok: true, content: text, data: outcome.data, truncated };
}

export function toRunnerError(error: unknown, operation: string): RunnerError {
  if (RunnerError.is(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new RunnerError("internal", message, { operation, cause: error });
}

/** What a far side says of a failure may repeat what it was given. */
function withoutSecrets(error: RunnerError, secrets: SecretRegistry): RunnerError {
  const message = secrets.redactText(error.message);
  if (message === error.message && error.details === undefined) return error;
  return new RunnerError(error.code, message, {
    provider: error.provider,
    operation: error.operation,
    resource: error.resource,
    retryable: error.retryable,
    retryAfterMs: error.retryAfterMs,
    phase: error.phase,
    details: error.details === undefined ? undefined : (secrets.redact(error.details) as JsonObject),
    cause: error,
  });
}
