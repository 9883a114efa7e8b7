import type { RunnerCommand, RunnerCommandRequest } from "@mooring/api";
import { altered, withCommands } from "../altered.js";
import { type Mutant, withRequests } from "../mutant.js";

function withAttached(
  provider: Parameters<Mutant["make"]>[0],
  alter: (command: RunnerCommand) => Partial<RunnerCommand>,
): ReturnType<Mutant["make"]> {
  return withCommands(provider, (commands) => ({
    attach: async (commandId, options) => altered(await commands.attach(commandId, options), alter),
  }));
}

/** Readers that go on at another byte than the one they were told, and say that it is the one. */
function withReaders(provider: Parameters<Mutant["make"]>[0], shift: number): ReturnType<Mutant["make"]> {
  return withAttached(provider, (command) => ({
    async read(cursor = { stdout: 0, stderr: 0 }, options) {
      if (cursor.stdout === 0) return await command.read(cursor, options);
      const page = await command.read({ ...cursor, stdout: cursor.stdout + shift }, options);
      return {
        ...page,
        chunks: page.chunks.map((chunk) =>
          chunk.stream === "stdout" ? { ...chunk, offset: chunk.offset - shift } : chunk,
        ),
        cursor: { ...page.cursor, stdout: page.cursor.stdout - shift },
      };
    },
  }));
}

/** Durable commands that are read wrongly, end wrongly, or are none. */
export const durableMutants: readonly Mutant[] = [
  {
    fault: "skips a byte when it reads a durable command again",
    check: "durable.output-read-again-exactly-once",
    make: (provider) => withReaders(provider, 1),
  },
  {
    fault: "gives a byte twice when it reads a durable command again",
    check: "durable.output-read-again-exactly-once",
    make: (provider) => withReaders(provider, -1),
  },
  {
    fault: "invents how a durable command ended",
    check: "durable.exit-is-recorded",
    make: (provider) =>
      withAttached(provider, (command) => ({
        result: async () => ({ ...(await command.result()), exit: { kind: "code", code: 0 } }),
      })),
  },
  {
    fault: "lets durable commands end with their owner",
    check: "durable.plain-commands-end-with-detach",
    make: (provider) => withRequests(provider, ({ durable: _durable, ...request }) => request as RunnerCommandRequest),
  },
  {
    fault: "ends a durable command when its handle is disposed of",
    check: "durable.disposal-lets-go",
    make: (provider) =>
      withCommands(provider, (commands) => ({
        async start(request, options) {
          const command = await commands.start(request, options);
          return altered(command, () => ({
            async [Symbol.asyncDispose]() {
              await command.cancel({ graceMs: 0 });
            },
          }));
        },
      })),
  },
];
