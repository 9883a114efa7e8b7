/**
 * Text for a shell. Inside, every string holds bytes, one a character (latin1), as a path or a value need not be UTF-8.
 */
export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

/** A string of ours as such bytes. */
export function latin1FromText(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

/** One word for the shell, on one line: what a script calls `newline` stands for line feeds. */
export function quoted(value: string): string {
  return `'${value.replaceAll("'", "'\\''").replaceAll("\n", `'"$newline"'`)}'`;
}

/** Assignments, each on the same line. An absent value is an empty one: scripts inherit no variables of ours. */
export function assignments(values: Readonly<Record<string, string | number | boolean | undefined>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${shellWord(value)}`)
    .join(" ");
}

function shellWord(value: string | number | boolean | undefined): string {
  if (value === undefined || value === false) return "''";
  if (value === true) return "1";
  return typeof value === "number" ? String(value) : quoted(value);
}

/** Sets the positional parameters. */
export function positional(values: readonly string[]): string {
  return `set -- ${values.map(quoted).join(" ")}`;
}

/** A shell reads a line byte by byte; beyond so many, starting `dd` for the rest is the quicker way. */
const longestLine = 4_096;

/**
 * The bytes that make a script on the far side evaluate `source`: a line, or one that reads and evaluates what follows.
 * Not a byte beyond them is read.
 */
export function sourceLine(source: string, fullBlock: boolean): Buffer {
  if (source.length <= longestLine) return Buffer.from(`${source}\n`, "latin1");
  const block = fullBlock ? `bs=${source.length} count=1 iflag=fullblock` : `bs=1 count=${source.length}`;
  const loader = `eval "$(dd ${block} 2>/dev/null)"\n`;
  return Buffer.from(loader + source, "latin1");
}
