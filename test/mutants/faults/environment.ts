import type { RemoteRunnerSession, RunnerCommandRequest, RunnerSessionOptions, SecretRef } from "@mooring/api";
import { altered, withCommands } from "../altered.js";
import type { Mutant } from "../mutant.js";

function pairsOf({ env = {} }: RunnerCommandRequest): readonly (readonly [string, string | SecretRef])[] {
  return Symbol.iterator in env ? [...(env as Iterable<readonly [string, string]>)] : Object.entries(env);
}

/** The value of the session's own secret, when it has one. */
function resolved(options: RunnerSessionOptions | undefined): Promise<string> | undefined {
  const [reference] = Object.values(options?.env ?? {}).filter((value) => typeof value === "object");
  return reference === undefined ? undefined : options?.host?.resolveSecret?.(reference);
}

/** Sessions that are altered with what their host resolved. */
function withSecrets(
  provider: Parameters<Mutant["make"]>[0],
  alter: (session: RemoteRunnerSession, values: ReadonlySet<string>) => Partial<RemoteRunnerSession>,
): ReturnType<Mutant["make"]> {
  return altered(provider, (own) => ({
    async createSession(destination, options) {
      const values = new Set<string>();
      const secret = await resolved(options)?.catch(() => undefined);
      if (secret !== undefined) values.add(secret);
      return altered(await own.createSession(destination, options), (session) => alter(session, values));
    },
  }));
}

/** Variables and secrets in the wrong place. */
export const environmentMutants: readonly Mutant[] = [
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
    fault: "keeps a command's variables for the next",
    check: "environment.commands-share-nothing",
    make: (provider) =>
      withCommands(provider, (commands) => {
        const kept: (readonly [string, string | SecretRef])[] = [];
        return {
          start(request, options) {
            kept.push(...pairsOf(request));
            return commands.start({ ...request, env: [...kept] }, options);
          },
        };
      }),
  },
  {
    fault: "keeps secrets in a session's state",
    check: "environment.secret-nowhere-else",
    make: (provider) =>
      withSecrets(provider, (session, values) => ({
        state: () => ({ ...session.state(), metadata: [...values] }),
      })),
  },
  {
    fault: "labels a session with its secrets",
    check: "environment.secret-nowhere-else",
    make: (provider) =>
      altered(provider, (own) => ({
        async createSession(destination, options) {
          const secret = await resolved(options)?.catch(() => undefined);
          const labels = { ...options?.labels, ...(secret === undefined ? {} : { secret }) };
          return await own.createSession(destination, { ...options, labels });
        },
      })),
  },
  {
    fault: "hands secrets over as arguments",
    check: "environment.secret-nowhere-else",
    make: (provider) =>
      withSecrets(provider, (session, values) => ({
        commands: altered(session.commands, (commands) => ({
          start(request, options) {
            const [value] = values;
            if (value === undefined || request.script === undefined) return commands.start(request, options);
            const { script, shell: _shell, ...rest } = request;
            const args = ["-c", script, "sh", `SECRET=${value}`];
            return commands.start({ ...rest, program: "/bin/sh", args } as RunnerCommandRequest, options);
          },
        })),
      })),
  },
];
