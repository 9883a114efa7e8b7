/** A provider did not do what a check asks. Anything else that a check throws counts as a failure too, as unexpected. */
export class CheckFailure extends Error {
  override readonly name = "CheckFailure";
}

/** A check found, while it ran, that there is nothing for it to prove here. */
export class CheckSkip extends Error {
  override readonly name = "CheckSkip";
}
