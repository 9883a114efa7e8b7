import type { RunnerError, RunnerFacets, RunnerListing } from "@mooring/api";

/** Says why a call is refused, by the contract's name of it; `undefined` when it may go on. */
export type CallCheck = (operation: string) => RunnerError | undefined;

type Method = (...values: unknown[]) => unknown;

const methods = {
  commands: ["run", "start", "attach", "list", "cancel"],
  files: [
    "read",
    "readStream",
    "write",
    "stat",
    "list",
    "glob",
    "grep",
    "makeDirectory",
    "remove",
    "rename",
    "copy",
    "watch",
    "archive",
    "extract",
  ],
  ports: ["expose", "list", "connect"],
  snapshots: ["create", "list", "delete"],
  mounts: ["add", "list", "remove"],
  artifacts: ["export"],
} as const satisfies { readonly [Facet in keyof RunnerFacets]: readonly (keyof RunnerFacets[Facet])[] };

/** Calls that return an iterable at once: what refuses them is told by the iteration. */
const listings: ReadonlySet<string> = new Set(["files.list", "files.glob", "files.grep"]);

/** The same facet, each call of which is checked first. A refused call rejects and never throws. */
export function guardFacet<Name extends keyof RunnerFacets>(
  name: Name,
  facet: RunnerFacets[Name],
  check: CallCheck,
): RunnerFacets[Name] {
  const guarded: Record<string, Method> = {};
  for (const method of methods[name]) {
    const operation = `${name}.${method}`;
    const isListing = listings.has(operation);
    guarded[method] = (...values) => {
      const refusal = check(operation);
      if (refusal === undefined) return (facet as unknown as Record<string, Method>)[method]?.(...values);
      return isListing ? refusedListing(refusal) : Promise.reject(refusal);
    };
  }
  return guarded as unknown as RunnerFacets[Name];
}

function refusedListing(error: RunnerError): RunnerListing<never> {
  return {
    truncated: false,
    [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }),
  };
}
