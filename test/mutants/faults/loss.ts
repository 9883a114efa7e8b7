import { withHandles, withSessions } from "../altered.js";
import { type Mutant, withResults } from "../mutant.js";

/** Connections that are lost and not told of. */
export const lossMutants: readonly Mutant[] = [
  {
    fault: "takes a lost connection for an orderly end",
    check: "loss.exit-is-not-invented",
    make: (provider) =>
      withSessions(provider, (session) => ({
        ended: session.ended.then((end) => (end.reason === "lost" ? { reason: "closed" } : end)),
      })),
  },
  {
    fault: "takes a lost connection for an exit",
    check: "loss.exit-is-not-invented",
    make: (provider) =>
      withResults(provider, (result) =>
        result.reason === "disconnected" ? { ...result, exit: { kind: "code", code: 0 }, reason: "exited" } : result,
      ),
  },
  {
    fault: "waits for ever for a command whose connection is lost",
    check: "loss.exit-is-not-invented",
    make: (provider) =>
      withHandles(provider, (command) => ({
        async result() {
          const result = await command.result();
          return result.reason === "disconnected" ? await new Promise<never>(() => undefined) : result;
        },
      })),
  },
];
