import { readFile, truncate, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import {
  type RemoteRunnerProvider,
  type RunnerCommandRequest,
  type RunnerCommandResult,
  type RunnerDestination,
  type RunnerOutput,
  RunnerError,
} from "@mooring/api";
import { altered, withCommands, withFiles, withHandles, withSessions } from "./altered.js";

/** A provider with one fault, and the check that must find it. */
export interface Mutant {
  readonly fault: string;
  readonly check: string;
  readonly make: (provider: RemoteRunnerProvider, destination: RunnerDestination) => RemoteRunnerProvider;
}

/** Changes every result. */
function withResults(
  provider: RemoteRunnerProvider,
  change: (result: RunnerCommandResult) => RunnerCommandResult,
): RemoteRunnerProvider {
  return withHandles(provider, (command) => {
    let changed: Promise<RunnerCommandResult> | undefined;
    return { result: () => (changed ??= command.result().then(change)) };
  });
}

function withRequests(
  provider: RemoteRunnerProvider,
  change: (request: RunnerCommandRequest) => RunnerCommandRequest,
): RemoteRunnerProvider {
  return withCommands(provider, (commands) => ({
    start: (request, options) => commands.start(change(request), options),
  }));
}

function output(bytes: Uint8Array, of: RunnerOutput): RunnerOutput {
  return { ...of, bytes, text: () => new TextDecoder().decode(bytes) };
}

const withoutRequirements = (destination: RunnerDestination): RunnerDestination => {
  const { requirements: _requirements, ...rest } = destination;
  return rest;
};

/** Faults that are seen in the field, one a mutant. */
export const mutants: readonly Mutant[] = [
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
    fault: "loses standard error",
    check: "output.stderr-is-told-apart",
    make: (provider) =>
      withResults(provider, (result) => ({ ...result, stderr: output(new Uint8Array(), result.stderr) })),
  },
  {
    fault: "splices a marker into output that is too long",
    check: "output.head-and-tail-exact",
    make: (provider) =>
      withResults(provider, (result) => {
        const { bytes, headBytes, truncated } = result.stdout;
        if (!truncated) return result;
        const marked = Buffer.concat([bytes.subarray(0, headBytes), Buffer.from("[...]"), bytes.subarray(headBytes)]);
        return { ...result, stdout: output(marked, result.stdout) };
      }),
  },
  {
    fault: "truncates in silence",
    check: "output.head-and-tail-exact",
    make: (provider) =>
      withResults(provider, (result) => {
        const stdout = { ...result.stdout, truncated: false, droppedBytes: 0, totalBytes: result.stdout.bytes.length };
        return { ...result, stdout };
      }),
  },
  {
    fault: "decodes output as UTF-8",
    check: "output.binary",
    make: (provider) =>
      withResults(provider, (result) => ({
        ...result,
        stdout: output(new TextEncoder().encode(result.stdout.text()), result.stdout),
      })),
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
    fault: "hands this process's environment on",
    check: "environment.host-secret-invisible",
    make: (provider) =>
      altered(provider, (own) => ({
        createSession: (destination, options) =>
          own.createSession(destination, {
            ...options,
            env: { ...(process.env as Record<string, string>), ...options?.env },
          }),
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
    fault: "leaves standard input open",
    check: "input.none-is-end-of-file",
    make: (provider) =>
      withRequests(provider, (request) => ({
        ...request,
        stdin: request.stdin === "none" || request.stdin === undefined ? "pipe" : request.stdin,
      })),
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
    fault: "keeps what it should stream",
    check: "output.stream-back-pressure",
    make: (provider) => withRequests(provider, (request) => ({ ...request, output: "retain" })),
  },
  {
    fault: "reads from the beginning whatever the cursor says",
    check: "output.read-pages",
    make: (provider) =>
      withHandles(provider, (command) => ({ read: (_cursor, options) => command.read(undefined, options) })),
  },
  {
    fault: "resolves paths naively",
    check: "confinement.read",
    make: (provider) =>
      withFiles(provider, (_files, { workspace }) => ({
        async read(path) {
          const absolute = resolve(workspace, String(path));
          const contents = await readFile(absolute);
          return { path: absolute, contents, sizeBytes: contents.length, truncated: false, version: "1" };
        },
      })),
  },
  {
    fault: "checks a path by the beginning of its text",
    check: "confinement.write",
    make: (provider) =>
      withFiles(provider, (files, { workspace }) => ({
        async write(path, contents, options) {
          const absolute = resolve(workspace, String(path));
          if (!absolute.startsWith(workspace)) throw new RunnerError("path_escape", "outside");
          if (absolute.startsWith(`${workspace}/`)) return await files.write(path, contents, options);
          await writeFile(absolute, contents as string);
          return { version: "1", sizeBytes: 1 };
        },
      })),
  },
  {
    fault: "writes in place",
    check: "files.write-is-atomic",
    make: (provider) =>
      withFiles(provider, (files, { workspace }) => ({
        async write(path, contents, options) {
          const absolute = resolve(workspace, String(path));
          if (absolute.endsWith("/atomic") && typeof contents === "string") {
            await truncate(absolute).catch(() => undefined);
            for (let at = 0; at < contents.length; at += 50_000) {
              await writeFile(absolute, contents.slice(at, at + 50_000), { flag: "a" });
            }
            return { version: "1", sizeBytes: contents.length };
          }
          return await files.write(path, contents, options);
        },
      })),
  },
  {
    fault: "ignores the version that a writer expects",
    check: "files.write-by-version",
    make: (provider) =>
      withFiles(provider, (files) => ({
        write: (path, contents, options) => files.write(path, contents, { ...options, ifVersion: undefined }),
      })),
  },
  {
    fault: "ignores maxBytes",
    check: "files.read-ranges",
    make: (provider) =>
      withFiles(provider, (files) => ({
        read: (path, options) => files.read(path, { ...options, maxBytes: undefined }),
      })),
  },
  {
    fault: "never answers for a file that is missing",
    check: "files.what-is-no-file",
    make: (provider) =>
      withFiles(provider, (files) => ({
        read: (path, options) =>
          files.read(path, options).catch((error: unknown) => {
            if (RunnerError.is(error) && error.code === "not_found") return new Promise<never>(() => undefined);
            throw error;
          }),
      })),
  },
  {
    fault: "shows hidden files to every glob",
    check: "files.glob-table",
    make: (provider) =>
      withFiles(provider, (files) => ({
        glob: (pattern, options) => files.glob(pattern, { ...options, includeHidden: true }),
      })),
  },
  {
    fault: "throws errors of its own",
    check: "requests.errors-are-whole",
    make: (provider) =>
      withFiles(provider, (files) => ({
        read: (path, options) =>
          files.read(path, options).catch((error: unknown) => {
            throw new Error(`ENOENT: ${String(error)}`);
          }),
      })),
  },
  {
    fault: "closes nothing",
    check: "lifecycle.close",
    make: (provider) =>
      withSessions(provider, () => ({
        close: () => Promise.resolve({ commandsEnded: 0, survivors: [], confirmed: true }),
      })),
  },
  {
    fault: "keeps a session's variables in its state",
    check: "lifecycle.state-is-json-without-secrets",
    make: (provider) =>
      altered(provider, (own) => ({
        async createSession(destination, options) {
          const session = await own.createSession(destination, options);
          return altered(session, () => ({
            state: () => ({ ...session.state(), metadata: { env: options?.env ?? {} } as never }),
          }));
        },
      })),
  },
  {
    fault: "believes any stored state",
    check: "lifecycle.resume-refuses-garbage",
    make: (provider) => {
      let last: Parameters<typeof provider.resumeSession>[1] | undefined;
      return altered(provider, (own) => ({
        async createSession(destination, options) {
          const session = await own.createSession(destination, options);
          last = session.state();
          return session;
        },
        resumeSession: (destination, _state, options) =>
          own.resumeSession(destination, last as NonNullable<typeof last>, options),
      }));
    },
  },
  {
    fault: "gives a session id out twice",
    check: "lifecycle.session-id-is-taken-once",
    make: (provider) =>
      altered(provider, (own) => ({
        async createSession(destination, options) {
          const session = await own.createSession(destination, { ...options, sessionId: undefined });
          return altered(session, () => ({ id: options?.sessionId ?? session.id }));
        },
      })),
  },
  {
    fault: "ignores what a destination requires",
    check: "requests.unknown-requirement",
    make: (provider) =>
      altered(provider, (own) => ({
        validateDestination: (destination, options) =>
          own.validateDestination(withoutRequirements(destination), options),
        createSession: (destination, options) => own.createSession(withoutRequirements(destination), options),
      })),
  },
  {
    fault: "takes secrets in its configuration",
    check: "requests.secret-like-keys-in-config",
    make: (provider, destination) =>
      altered(provider, (own) => ({
        validateDestination: (_destination, options) => own.validateDestination(destination, options),
        createSession: (_destination, options) => own.createSession(destination, options),
      })),
  },
  {
    fault: "ignores the user that a command is to run as",
    check: "capabilities.refuses-user",
    make: (provider) => withRequests(provider, ({ user: _user, ...request }) => request as RunnerCommandRequest),
  },
  {
    fault: "claims more than its provider",
    check: "capabilities.session-within-provider",
    make: (provider) =>
      withSessions(provider, ({ capabilities }) => ({
        capabilities: { ...capabilities, commands: { ...capabilities.commands, user: "any" } },
      })),
  },
  {
    fault: "claims a confinement that it does not have",
    check: "confinement.commands-cannot-write-outside",
    make: (provider) => {
      const unconfined = (destination: RunnerDestination): RunnerDestination => ({
        ...destination,
        config: { ...(destination.config as object), confinement: "none" },
      });
      const claiming = withSessions(provider, ({ capabilities }) => ({
        capabilities: { ...capabilities, commands: { ...capabilities.commands, confinement: "workspace-write" } },
      }));
      return altered(claiming, (own) => ({
        createSession: (destination, options) => own.createSession(unconfined(destination), options),
      }));
    },
  },
];
