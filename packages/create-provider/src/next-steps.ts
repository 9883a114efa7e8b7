import type { Wishes } from "./ask.js";

const theRest = {
  command: [
    "src/config.ts     what a destination is configured with",
    "src/transport.ts  how a process is started over there",
    "test/place.ts     the place that the checks run in: now this machine, behind `env`",
  ],
  http: [
    "src/config.ts             what a destination is configured with",
    "src/service-client.ts     requests: token, deadlines, signals",
    "src/remote-process.ts     how a process is started over there",
    "test/example-service.ts   the service that the checks run against; put your own in test/place.ts",
  ],
  memory: [
    "src/my-place.ts      sessions: created, resumed, listed",
    "src/capabilities.ts  what is claimed; the checks hold you to it",
    "src/session.ts       one session: facets and endings",
    "test/place.ts        the place that the checks run in",
  ],
} as const;

/** What is printed at the end. The three commands can be copied as they stand. */
export function nextSteps({ name, base }: Wishes): string {
  const files = theRest[base].map((line) => `  ${line.replaceAll("my-place", name)}\n`).join("");
  return `
Made ${name}, a provider over the base "${base}". Next:

  cd ${name}
  npm install
  npm test

The test asks the provider every question of the conformance kit; it is green now. Then make it yours:

${files}
`;
}
