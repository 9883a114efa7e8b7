import type { OrchestratorLimits } from "../orchestrator-defaults.js";
import { editFile } from "./edit-file.js";
import { execCommand } from "./exec-command.js";
import { exposePort } from "./expose-port.js";
import { glob } from "./glob.js";
import { grep } from "./grep.js";
import { killCommand } from "./kill-command.js";
import { listFiles } from "./list-files.js";
import { readFile } from "./read-file.js";
import type { ToolDefinition } from "./tool-definition.js";
import { writeFile } from "./write-file.js";
import { writeStdin } from "./write-stdin.js";

/** Every tool, in the order in which a model is told of them. */
export function toolDefinitions(limits: OrchestratorLimits): ToolDefinition[] {
  return [
    execCommand(limits),
    writeStdin(limits),
    killCommand(limits),
    readFile(limits),
    writeFile,
    editFile(limits),
    listFiles(limits),
    glob(limits),
    grep(limits),
    exposePort(limits),
  ];
}
