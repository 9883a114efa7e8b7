/** Below this two lines have nothing to do with each other. */
const leastSimilarity = 0.5;
const maxShownLines = 40;
const maxShownLineCharacters = 300;
/** Longer lines are compared by their beginning. */
const maxComparedCharacters = 400;

/**
 * For someone whose text was not found: the part of the file that is most like it, with its line number and what
 * the difference is likely to be.
 */
export function describeNearestMatch(contents: string, wanted: string): string {
  if (contents.includes("\r\n") && !wanted.includes("\r\n")) {
    if (contents.replaceAll("\r\n", "\n").includes(wanted)) {
      return "The file's lines end in CR LF (\\r\\n), those of `oldText` in LF.";
    }
  }
  const lines = contents.split(/\r?\n/);
  const wantedLines = wanted.replace(/\r?\n$/, "").split(/\r?\n/);
  const start = nearestStart(lines, wantedLines);
  if (start === undefined) return "Nothing in the file is like it.";
  const found = lines.slice(start, start + wantedLines.length);
  const first = start + 1;
  const last = start + found.length;
  const onlySpace = withoutSpace(found) === withoutSpace(wantedLines);
  const where = found.length === 1 ? `line ${first} is` : `lines ${first} to ${last} are`;
  const shown = found.slice(0, maxShownLines).map((line) => line.slice(0, maxShownLineCharacters));
  const more = found.length > shown.length ? ["..."] : [];
  return [
    `The nearest is this; ${where} ${onlySpace ? "the same but for white space" : "similar"}:`,
    ...shown,
    ...more,
  ].join("\n");
}

/** Finds where the longest wanted line is most likely to be, and from there the start of the whole. */
function nearestStart(lines: readonly string[], wanted: readonly string[]): number | undefined {
  const trimmed = wanted.map((line) => line.trim());
  const anchorIndex = trimmed.reduce(
    (best, line, index) => (line.length > (trimmed[best]?.length ?? 0) ? index : best),
    0,
  );
  const anchor = trimmed[anchorIndex] ?? "";
  if (anchor === "") return undefined;
  const anchorPairs = pairsOf(anchor);
  let best: { readonly line: number; readonly score: number } | undefined;
  for (const [line, text] of lines.entries()) {
    const score = similarity(text.trim(), anchor, anchorPairs);
    if (score >= leastSimilarity && score > (best?.score ?? 0)) best = { line, score };
  }
  return best === undefined ? undefined : Math.max(0, best.line - anchorIndex);
}

/** 1 for equal lines, else the share of neighbouring letters that both have. */
function similarity(text: string, anchor: string, anchorPairs: ReadonlyMap<string, number>): number {
  if (text === anchor) return 1;
  if (text === "") return 0;
  const pairs = pairsOf(text);
  let shared = 0;
  for (const [pair, count] of pairs) shared += Math.min(count, anchorPairs.get(pair) ?? 0);
  return (2 * shared) / (totalOf(pairs) + totalOf(anchorPairs) || 1);
}

function pairsOf(line: string): Map<string, number> {
  const pairs = new Map<string, number>();
  const text = line.slice(0, maxComparedCharacters);
  for (let at = 0; at + 1 < text.length; at += 1) {
    const pair = text.slice(at, at + 2);
    pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
  }
  return pairs;
}

function totalOf(pairs: ReadonlyMap<string, number>): number {
  let total = 0;
  for (const count of pairs.values()) total += count;
  return total;
}

function withoutSpace(lines: readonly string[]): string {
  return lines.join("").replaceAll(/\s/g, "");
}
