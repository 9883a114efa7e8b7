export type { MemoryConfig } from "./doubles/memory-config.js";
export { type MemoryProvider, memoryProvider, type MemoryProviderOptions } from "./doubles/memory-provider.js";
export type { ScriptedInvocation, ScriptedOutcome, ScriptedProgram } from "./doubles/scripted-program.js";
