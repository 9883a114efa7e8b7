import { createOrchestrator, type Orchestrator, type OrchestratorOptions, type ThreadHandle } from "../../src/index.js";
import type { MemoryPlace } from "./memory-place.js";

/** A thread bound to a place in memory, with a read root beside its workspace. */
export async function boundThread(
  place: MemoryPlace,
  options: Partial<OrchestratorOptions> = {},
): Promise<{ readonly thread: ThreadHandle; readonly orchestrator: Orchestrator }> {
  const orchestrator = createOrchestrator({ providers: [place], ...options });
  await orchestrator.bind("t1", { destination: { providerId: "memory" }, readRoots: ["/usr/share"] });
  return { thread: orchestrator.thread("t1"), orchestrator };
}
