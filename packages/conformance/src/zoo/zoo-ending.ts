/** The ways in which commands of the zoo end. */
export const zooEndings = [
  "timeout",
  "cancel",
  "abort",
  "close",
  /** By the fact `sever`. */
  "helper killed",
  /** The parent of the command, by the fact `kill`. */
  "supervisor killed",
  /** A process of the fact `owner`, by SIGKILL. */
  "owner killed",
  /** The same, frozen by SIGSTOP: the far side hears nothing until its lease is over. */
  "connection cut",
] as const;

export type ZooEnding = (typeof zooEndings)[number];

/** Endings that a caller asks for, and that a claim of `group` must keep, too. */
export const askedEndings: readonly ZooEnding[] = ["timeout", "cancel", "abort", "close"];

/** Endings after which the far side has to find out by itself that nobody is there. */
export const lostOwnerEndings: readonly ZooEnding[] = ["owner killed", "connection cut"];

/** The fact that an ending needs. */
export const factOfEnding: Readonly<Partial<Record<ZooEnding, "sever" | "kill" | "owner">>> = {
  "helper killed": "sever",
  "supervisor killed": "kill",
  "owner killed": "owner",
  "connection cut": "owner",
};
