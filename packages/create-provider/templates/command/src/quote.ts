/** One argument for a POSIX shell that is given a whole line: whatever is in it, the shell hands it on as it is. */
export function shellQuoted(argument: string): string {
  return `'${argument.replaceAll("'", `'\\''`)}'`;
}
