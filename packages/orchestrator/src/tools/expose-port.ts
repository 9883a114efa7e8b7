import * as z from "zod";
import { portSchema } from "@mooring/api";
import type { OrchestratorLimits } from "../orchestrator-defaults.js";
import { unsupported } from "./invalid.js";
import type { ToolDefinition } from "./tool-definition.js";

interface ExposePortArguments {
  port: number;
  label?: string;
  readyTimeoutMs: number;
}

export function exposePort(limits: OrchestratorLimits): ToolDefinition<ExposePortArguments> {
  return {
    name: "expose_port",
    description:
      "Makes a TCP port of the workspace reachable from outside and returns its URL, once something listens there.",
    schema: z.strictObject({
      port: portSchema,
      label: z.string().min(1).max(100).optional().describe("A name for people."),
      readyTimeoutMs: z
        .int()
        .min(0)
        .max(limits.shellMaxTimeoutMs)
        .default(10_000)
        .describe("How long to wait until the port accepts connections; 0: do not wait."),
    }),
    lease: "none",
    plan:
      (args) =>
      async ({ session, signal }) => {
        if (session.capabilities.ports.expose === "none") {
          throw unsupported("This destination cannot expose ports", "ports.expose", session.providerId);
        }
        const exposed = await session.ports.expose(
          {
            port: args.port,
            ...(args.label === undefined ? {} : { label: args.label }),
            ...(args.readyTimeoutMs === 0 ? {} : { readiness: { timeoutMs: args.readyTimeoutMs } }),
          },
          { signal },
        );
        const url = exposed.url ?? null;
        const headers = Object.keys(exposed.headers ?? {});
        // Header values can grant access: a program gets them, the model is told their names.
        const needs = headers.length === 0 ? "" : ` Requests need the headers ${headers.join(", ")}.`;
        const where = url === null ? "It has no URL." : `It is at ${url}`;
        return {
          content: `Port ${args.port} is exposed. ${where}${needs}`,
          data: { port: args.port, url, headers: { ...exposed.headers } },
          facts: { port: args.port, url },
        };
      },
  };
}
