/** What somebody typed cannot be done. The message names the option, what was expected and what came. */
export class InputError extends Error {
  override readonly name = "InputError";
}
