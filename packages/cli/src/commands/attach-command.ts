import type { Command } from "commander";
import { type DestinationOptions, examples, subcommand, withConfig } from "./common-options.js";

export function addAttachCommand(program: Command): void {
  const command = subcommand(program, "attach", "go on with a durable command, its output from the beginning")
    .argument("<session>", "the id that mooring exec --durable printed")
    .action(async (sessionId: string, options: DestinationOptions) => {
      process.exitCode = await attach(sessionId, options);
    });
  examples(withConfig(command), [
    "mooring exec unix-local:. --durable --detach -- make all",
    "mooring attach 0b8f1c52-6a0e-4c5e-9a52-0d4b5a1f7e11",
  ]);
}

async function attach(sessionId: string, options: DestinationOptions): Promise<number> {
  const { loadSession } = await import("../durable/saved-session.js");
  const saved = await loadSession(sessionId);
  const { resolveDestination } = await import("../destinations/resolve-destination.js");
  const { provider, destination } = await resolveDestination(saved.destination, options);
  const { session } = await provider.resumeSession(destination, saved.state, {
    onDispose: "detach",
  });
  const { followDurable } = await import("../durable/follow-durable.js");
  const { finish } = await import("../exec/finish.js");
  const command = await session.commands.attach(saved.commandId).catch(async (error: unknown) => {
    await session.detach().catch(() => {});
    throw error;
  });
  return await finish(await followDurable(session, command));
}
