import { RunnerError } from "@mooring/api";
import { altered, withSessions } from "../altered.js";
import type { Mutant } from "../mutant.js";

/** Sessions that do not end, and states and views that say too much. */
export const sessionMutants: readonly Mutant[] = [
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
    fault: "goes wherever a stored state says that its session works",
    check: "hostile.state-of-another",
    make: (provider) =>
      altered(provider, (own) => ({
        resumeSession: (destination, state, options) =>
          own.resumeSession(destination, state, options).catch(async (error: unknown) => {
            if (!RunnerError.is(error) || error.code !== "conflict") throw error;
            const session = await own.createSession(destination, { ...options, workspace: state.workspace });
            return {
              session: altered(session, () => ({ id: state.sessionId })),
              outcome: "reattached" as const,
              missing: [],
            };
          }),
      })),
  },
  {
    fault: "lets a view be wider than its session",
    check: "restricted.cannot-widen",
    make: (provider) =>
      withSessions(provider, (session) => ({
        restricted(options) {
          try {
            return session.restricted(options);
          } catch {
            // With what it cannot have left out, where it should refuse.
            return session.restricted({ readOnly: options?.readOnly ?? false });
          }
        },
      })),
  },
  {
    fault: "lets a read-only view run commands",
    check: "restricted.read-only-refuses-changes",
    make: (provider) =>
      withSessions(provider, (session) => ({
        restricted: (options) => altered(session.restricted(options), () => ({ commands: session.commands })),
      })),
  },
];
