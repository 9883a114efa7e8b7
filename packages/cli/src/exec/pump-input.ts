import { type RunnerCommand, RunnerError } from "@mooring/api";

/**
 * Carries standard input to a command, no faster than the command takes it, and tells its end.
 * Resolves when the input has ended or the command takes no more; rejects when the command cannot be reached.
 */
export async function pumpInput(
  input: NodeJS.ReadableStream,
  command: Pick<RunnerCommand, "write" | "closeStdin">,
): Promise<void> {
  try {
    for await (const chunk of input) {
      await command.write(typeof chunk === "string" ? chunk : new Uint8Array(chunk));
    }
    await command.closeStdin();
  } catch (error) {
    // A command that ended, or closed its input, leaves the rest unread, as a local one does.
    if (RunnerError.is(error)) return;
    throw error;
  }
}
