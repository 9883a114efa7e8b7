/** A word for a POSIX shell that stands for exactly this text. */
export function quoteShell(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
