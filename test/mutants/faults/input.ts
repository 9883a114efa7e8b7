import { withHandles } from "../altered.js";
import { type Mutant, withRequests } from "../mutant.js";

/** Input that does not arrive, and terminals that are none. */
export const inputMutants: readonly Mutant[] = [
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
    fault: "cuts its input at 64 kB",
    check: "input.contents-exact",
    make: (provider) =>
      withRequests(provider, (request) => ({
        ...request,
        ...(request.stdin instanceof Uint8Array ? { stdin: request.stdin.subarray(0, 65_536) } : {}),
      })),
  },
  {
    fault: "ignores that a terminal changes its size",
    check: "terminal.resize",
    make: (provider) => withHandles(provider, () => ({ resize: () => Promise.resolve() })),
  },
];
