import type { RunnerCapabilities } from "@mooring/api";
import type { CheckContext } from "./check-context.js";
import type { ToolName } from "./support/tools.js";

/** One question to a provider, asked through the contract only. */
export interface Check {
  /** `group.name`. */
  readonly id: string;
  /** A sentence that says what a pass proves. */
  readonly title: string;
  /**
   * Why the check does not apply to a session with these capabilities, or `undefined` when it does. Another check
   * proves that what is not claimed is refused.
   */
  readonly needs?: (capabilities: RunnerCapabilities) => string | undefined;
  /** A fact that must be given. */
  readonly needsFact?: "sever" | "kill" | "owner";
  /** Programs that must be there; probed in the session. */
  readonly tools?: readonly ToolName[];
  /** @default the facts' `deadlineMs` */
  readonly deadlineMs?: number;
  run(context: CheckContext): Promise<void>;
}

/** What the checks of commands that run shell scripts need. */
export function needsCommands(capabilities: RunnerCapabilities): string | undefined {
  return capabilities.commands.output === "none" ? "commands.output is none" : undefined;
}

/** What checks that read and write files need. */
export function needsFiles(capabilities: RunnerCapabilities): string | undefined {
  const { access } = capabilities.files;
  return access === "read-write" ? undefined : `files.access is ${access}`;
}

/** All the given needs. */
export function needsAll(
  ...needs: ((capabilities: RunnerCapabilities) => string | undefined)[]
): (capabilities: RunnerCapabilities) => string | undefined {
  return (capabilities) => {
    for (const need of needs) {
      const reason = need(capabilities);
      if (reason !== undefined) return reason;
    }
    return undefined;
  };
}

/** A mode that must be one of these. */
export function needsMode<Facet extends keyof RunnerCapabilities>(
  facet: Facet,
  field: keyof RunnerCapabilities[Facet] & string,
  ...modes: string[]
): (capabilities: RunnerCapabilities) => string | undefined {
  return (capabilities) => {
    const mode = String(capabilities[facet][field]);
    return modes.includes(mode) ? undefined : `${facet}.${field} is ${mode}`;
  };
}
