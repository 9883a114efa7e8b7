import { listChecks, specification, type SpecificationPromise } from "@mooring/conformance";

const introduction = `# The specification \`runner-v1\`

<!-- Written by \`npm run spec\` from packages/conformance/src/specification; not to be changed by hand. -->

What whoever holds a session may rely on, in numbered promises. Each is held by the checks under it: they ask a provider through
the contract alone, and \`mooring verify\` prints the promise beside each. A promise without a check, and a check
without a promise, fail the build. Where a promise belongs to a capability, it binds the sessions that claim it; the others refuse
with \`unsupported\` (P2). What our own providers claim, and how they fare, is in [capabilities](capabilities.md).
`;

/** The page of the specification. */
export function specificationText(): string {
  const checks = listChecks();

  function promiseText({ id, text, capability }: SpecificationPromise): string {
    const claim = capability === undefined ? "" : ` *(\`${capability}\`)*`;
    const held = checks.filter(({ promise }) => promise === id).map((check) => `- \`${check.id}\`: ${check.title}`);
    return `**${id}.** ${text}${claim}\n\n${held.join("\n")}\n`;
  }

  const chapters = specification.map(({ title, promises }) => `## ${title}\n\n${promises.map(promiseText).join("\n")}`);
  return [introduction, ...chapters].join("\n");
}
