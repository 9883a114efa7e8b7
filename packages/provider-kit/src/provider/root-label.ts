import type { RunnerSessionInfo } from "@mooring/api";

const name = "mooring.root";

/**
 * The labels, with one of the kit's own that names the destination's root: a far side keeps the records of all its user's sessions
 * in one place, and a destination lists and reaps only its own.
 */
export function withRootLabel(
  labels: Readonly<Record<string, string>>,
  root: string | undefined,
): Readonly<Record<string, string>> {
  return root === undefined ? labels : { ...labels, [name]: root };
}

/** What the caller labelled the session with. */
export function withoutRootLabel(info: RunnerSessionInfo): RunnerSessionInfo {
  const { [name]: _root, ...labels } = info.labels;
  return { ...info, labels };
}
