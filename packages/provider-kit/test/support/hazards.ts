import { offspringKinds } from "@mooring/conformance/zoo";

/**
 * Six ways in which a command's offspring hides from who would end it, by what they are. Each carries a mark in its arguments, and
 * says "hidden" once it is where it wants to be.
 */
export const hazards: Readonly<Record<string, (mark: string) => string>> = Object.fromEntries(
  offspringKinds.map(({ what, script }) => [what, (mark: string) => script(mark)]),
);
