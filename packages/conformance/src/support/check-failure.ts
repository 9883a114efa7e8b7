/** A provider did not do what a check asks. Anything else that a check throws counts as a failure too, as unexpected. */
export class CheckFailure extends Error {
  override readonly name = "CheckFailure";
}
