import type { RunnerCommandRequest, RunnerDestination } from "@mooring/api";
import { altered, withSessions } from "../altered.js";
import { type Mutant, withRequests } from "../mutant.js";

const withoutRequirements = (destination: RunnerDestination): RunnerDestination => {
  const { requirements: _requirements, ...rest } = destination;
  return rest;
};

/** Claims and requests that are not taken seriously. */
export const claimMutants: readonly Mutant[] = [
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
];
