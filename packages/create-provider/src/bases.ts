/** What a provider can be made over; each is a directory of `templates`. */
export const bases = {
  command: "a place that a command reaches: docker exec, ssh, nsenter",
  http: "a place behind an HTTP service",
  memory: "the contract written by hand, without the helper",
} as const;

export type Base = keyof typeof bases;

export function isBase(text: string): text is Base {
  return Object.hasOwn(bases, text);
}
