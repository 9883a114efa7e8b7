import type { RemoteRunnerSession, RunnerCommand, RunnerCommandRequest, RunnerCommandResult } from "@mooring/api";
import { altered, withCommands, withHandles, withSessions } from "../altered.js";
import { type Mutant, output } from "../mutant.js";

async function killGroup(command: RunnerCommand): Promise<void> {
  await command.signal("SIGKILL").catch(() => undefined);
}

async function timedOut(command: RunnerCommand): Promise<RunnerCommandResult> {
  const page = await command.read();
  const bytes = new Uint8Array(Buffer.concat(page.chunks.map((chunk) => chunk.bytes)));
  const none = {
    bytes,
    totalBytes: bytes.length,
    droppedBytes: 0,
    truncated: false,
    headBytes: bytes.length,
    text: () => "",
  };
  return {
    commandId: command.commandId,
    exit: { kind: "signal", signal: "SIGTERM" },
    reason: "timeout",
    stdout: output(bytes, none),
    stderr: output(new Uint8Array(), { ...none, totalBytes: 0, headBytes: 0 }),
    startedAtMs: Date.now(),
    durationMs: 1_000,
  };
}

/** Commands that are not ended, not wholly, or not alone. */
export const endingMutants: readonly Mutant[] = [
  {
    fault: "ends only the process group at a timeout",
    check: "offspring.timeout-ends-setsid-child",
    make: (provider) =>
      withCommands(provider, (commands) => ({
        async start({ timeoutMs, ...request }, options) {
          const command = await commands.start(request as RunnerCommandRequest, options);
          if (timeoutMs === undefined) return command;
          let late = false;
          setTimeout(() => {
            late = true;
            void command.signal("SIGKILL").catch(() => undefined);
          }, timeoutMs);
          return altered(command, () => ({
            async result() {
              const result = await command.result();
              return late ? { ...result, reason: "timeout" } : result;
            },
          }));
        },
      })),
  },
  {
    fault: "confirms a cancel that it did not do",
    check: "process.cancel-report-is-true",
    make: (provider) =>
      withHandles(provider, () => ({
        cancel: () => Promise.resolve({ cancelled: true, survivors: [], confirmed: true }),
      })),
  },
  {
    fault: "leaks a child in a session of its own at a cancel",
    check: "offspring.cancel-ends-setsid-child",
    make: (provider) =>
      withHandles(provider, (command) => {
        let cancelled = false;
        return {
          async cancel() {
            cancelled = true;
            await killGroup(command);
            await command.result();
            return { cancelled: true, survivors: [], confirmed: true };
          },
          async result() {
            const result = await command.result();
            return cancelled ? { ...result, reason: "cancelled" } : result;
          },
        };
      }),
  },
  {
    fault: "leaks a child in a session of its own at a close",
    check: "offspring.close-ends-setsid-child",
    make: (provider) =>
      withSessions(provider, (session) => {
        const started: RunnerCommand[] = [];
        let closed = false;
        return {
          commands: altered(session.commands, (commands) => ({
            async start(request, options) {
              const command = await commands.start(request, options);
              started.push(command);
              return altered(command, () => ({
                async result() {
                  const result = await command.result();
                  return closed && result.exit.kind === "signal" ? { ...result, reason: "closed" } : result;
                },
              }));
            },
          })),
          async close() {
            closed = true;
            await Promise.all(started.map(killGroup));
            return { commandsEnded: started.length, survivors: [], confirmed: true };
          },
        } satisfies Partial<RemoteRunnerSession>;
      }),
  },
  {
    fault: "only reports a timeout",
    check: "process.timeout-leaves-no-child",
    make: (provider) =>
      withCommands(provider, (commands) => ({
        async start({ timeoutMs, ...request }, options) {
          const command = await commands.start(request as RunnerCommandRequest, options);
          if (timeoutMs === undefined) return command;
          const late = new Promise<RunnerCommandResult>((resolve) => {
            setTimeout(() => resolve(timedOut(command)), timeoutMs).unref();
          });
          return altered(command, () => ({ result: () => Promise.race([command.result(), late]) }));
        },
      })),
  },
  {
    fault: "ends all that run when one is cancelled",
    check: "process.neighbour-unharmed",
    make: (provider) =>
      withCommands(provider, (commands) => {
        const started: RunnerCommand[] = [];
        return {
          async start(request, options) {
            const command = await commands.start(request, options);
            started.push(command);
            return altered(command, () => ({
              async cancel(cancelOptions) {
                await Promise.all(
                  started.filter((other) => other !== command).map((other) => other.cancel({ graceMs: 0 })),
                );
                return await command.cancel(cancelOptions);
              },
            }));
          },
        };
      }),
  },
];
