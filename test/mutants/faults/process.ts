import { type RunnerCommandRequest, RunnerError } from "@mooring/api";
import { withCommands, withHandles } from "../altered.js";
import { type Mutant, withRequests, withResults } from "../mutant.js";

/** Wrong ends, arguments and ids. */
export const processMutants: readonly Mutant[] = [
  {
    fault: "invents exit 0",
    check: "process.exit-codes-exact",
    make: (provider) => withResults(provider, (result) => ({ ...result, exit: { kind: "code", code: 0 } })),
  },
  {
    fault: "reports death by a signal as 128 and its number",
    check: "process.kill-9-is-a-signal",
    make: (provider) =>
      withResults(provider, (result) =>
        result.exit.kind === "signal" ? { ...result, exit: { kind: "code", code: 137 } } : result,
      ),
  },
  {
    fault: "ignores a signal that is aborted already",
    check: "process.aborted-signal-starts-nothing",
    make: (provider) =>
      withCommands(provider, (commands) => ({
        async start(request, options) {
          const command = await commands.start(request);
          if (options?.signal?.aborted === true) {
            await command.result();
            throw new RunnerError("cancelled", "cancelled", { cause: options.signal.reason });
          }
          return command;
        },
      })),
  },
  {
    fault: "puts a shell between",
    check: "process.argv-no-shell-between",
    make: (provider) =>
      withRequests(provider, (request) => {
        if (request.program === undefined || request.args === undefined) return request;
        const { program, args, ...rest } = request;
        const words = args.slice(0, 3).map((word) => `'${String(word)}'`);
        return { ...rest, script: [program, ...words, ...args.slice(3)].join(" ") } as RunnerCommandRequest;
      }),
  },
  {
    fault: "waits for whoever holds the pipe",
    check: "process.child-keeps-pipe",
    make: (provider) =>
      withHandles(provider, (command) => ({
        async result() {
          const result = await command.result();
          if (result.stdout.text().startsWith("done")) await new Promise(() => undefined);
          return result;
        },
      })),
  },
  {
    fault: "starts a command again whose id was used",
    check: "process.id-used-twice",
    make: (provider) =>
      withCommands(provider, (commands) => ({
        start: (request, options) =>
          commands.start(request, options).catch((error: unknown) => {
            if (!RunnerError.is(error) || error.code !== "already_exists") throw error;
            const { commandId: _commandId, ...again } = request;
            return commands.start(again as RunnerCommandRequest, options);
          }),
      })),
  },
  {
    fault: "shows the environment of what runs",
    check: "process.list-tells-states",
    make: (provider) => {
      const environments = new Map<string, unknown>();
      return withCommands(provider, (commands) => ({
        async start(request, options) {
          const command = await commands.start(request, options);
          environments.set(command.commandId, request.env);
          return command;
        },
        list: async () =>
          (await commands.list()).map((info) => ({
            ...info,
            program: `${String(info.program)} ${JSON.stringify(environments.get(info.commandId) ?? {})}`,
          })),
      }));
    },
  },
];
