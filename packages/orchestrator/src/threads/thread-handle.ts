import { randomUUID } from "node:crypto";
import * as z from "zod";
import { describeValue, RunnerError, type JsonObject } from "@mooring/api";
import { threadEventLog } from "../events/event-log.js";
import type { ThreadHandle } from "../orchestrator.js";
import type { StoreEngine } from "../store/store-engine.js";
import { callTool, type ToolPipeline } from "../tools/call-tool.js";
import type { ToolDefinition } from "../tools/tool-definition.js";
import type { ThreadTool, ToolResult } from "../tools/thread-tool.js";

export function threadHandle(
  threadId: string,
  definitions: readonly ToolDefinition[],
  pipeline: ToolPipeline,
  store: () => Promise<StoreEngine>,
): ThreadHandle {
  const tools = definitions.map((definition) => toTool(threadId, definition, pipeline));
  return {
    threadId,
    tools,
    tool(name) {
      const found = tools.find((tool) => tool.name === name);
      if (found === undefined) throw noSuchTool(name, tools);
      return found;
    },
    async call(name, args, options = {}) {
      const found = tools.find((tool) => tool.name === name);
      return found?.call(args, options) ?? refused(noSuchTool(name, tools), options.callId);
    },
    events: threadEventLog(threadId, store),
  };
}

function toTool(threadId: string, definition: ToolDefinition, pipeline: ToolPipeline): ThreadTool {
  return {
    name: definition.name,
    description: definition.description,
    // `input`: what has a default may be left out.
    inputSchema: z.toJSONSchema(definition.schema, { io: "input" }) as JsonObject,
    call: (args, options = {}) => callTool(pipeline, threadId, definition, args, options),
  };
}

function refused(error: RunnerError, callId: string = randomUUID()): ToolResult {
  const content = `${error.code}: ${error.message}`;
  return { ok: false, callId, content, data: null, error, truncated: null, durationMs: 0, warnings: [] };
}

function noSuchTool(name: string, tools: readonly ThreadTool[]): RunnerError {
  const names = tools.map((tool) => tool.name).join(", ");
  return new RunnerError("not_found", `Expected the name of a tool (${names}), got ${describeValue(name)}`, {
    retryable: false,
    phase: "before_start",
  });
}
