import type { OwnerEnding } from "./owner-protocol.js";
import type { ZooEnding } from "./zoo-ending.js";

const reasons: Readonly<Partial<Record<ZooEnding, readonly string[]>>> = {
  timeout: ["timeout"],
  cancel: ["cancelled"],
  abort: ["cancelled"],
  close: ["closed"],
  "helper killed": ["disconnected"],
  // A far side that ended them itself when the lease was over may have said so, to be read after the thaw.
  "connection cut": ["disconnected", "closed"],
};

/** What is not true in what the caller was told, or `undefined`. Nothing is told to an owner that was killed. */
export function wrongEnding(ending: ZooEnding, told: OwnerEnding | undefined): string | undefined {
  if (ending === "owner killed") return undefined;
  if (told === undefined) return "nothing was told of its end";
  const expected = reasons[ending];
  if (expected !== undefined && !expected.includes(told.reason)) {
    return `expected the reason ${expected.join(" or ")}, got ${told.reason}`;
  }
  if (told.exit.kind === "code" && told.exit.code === 0) return "an exit code 0 was invented";
  const isUnknown = told.reason === "disconnected" || ending === "supervisor killed";
  if (isUnknown && told.exit.kind !== "unknown") return `expected an unknown exit, got ${JSON.stringify(told.exit)}`;
  return undefined;
}
