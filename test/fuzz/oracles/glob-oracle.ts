/** A piece of a pattern: what one or more characters of a name may be. */
type Piece =
  | { readonly kind: "star" }
  | { readonly kind: "one"; readonly fits: (character: string) => boolean; readonly isDot: boolean };

/** Beyond this the plain way takes too long, or has too many alternatives; the cost is still measured. */
const mostAlternatives = 64;
const mostCharacters = 60;

/**
 * Whether a glob matches a whole path, by its own plain rules and slowly: by characters, not bytes, and without an expression.
 * `undefined` where it would not be told in time.
 */
export function globMatches(pattern: string, path: string, includeHidden: boolean): boolean | undefined {
  // A slash in brackets is no end of a name, and matches nothing.
  if (/\[[^\]]*\//.test(pattern)) return undefined;
  if (pattern.length > mostCharacters || path.length > mostCharacters) return undefined;
  const alternatives = withoutBraces(pattern);
  if (alternatives === undefined) return undefined;
  const names = path.split("/");
  return alternatives.some((alternative) => {
    const segments = alternative.split("/").filter((segment) => segment !== "" && segment !== ".");
    return segmentsMatch(segments, names, includeHidden);
  });
}

function segmentsMatch(segments: readonly string[], names: readonly string[], includeHidden: boolean): boolean {
  const [segment, ...rest] = segments;
  const [name, ...others] = names;
  if (segment === undefined) return name === undefined;
  if (/^\*{2,}$/.test(segment)) {
    const mayPass = name !== undefined && (includeHidden || !name.startsWith("."));
    // At the end it needs a name; before others it may stand for none.
    if (rest.length === 0) return mayPass && (others.length === 0 || segmentsMatch(segments, others, includeHidden));
    return segmentsMatch(rest, names, includeHidden) || (mayPass && segmentsMatch(segments, others, includeHidden));
  }
  if (name === undefined) return false;
  return nameMatches(segment, name, includeHidden) && segmentsMatch(rest, others, includeHidden);
}

function nameMatches(segment: string, name: string, includeHidden: boolean): boolean {
  const pieces = piecesOf(segment);
  if (!includeHidden && name.startsWith(".") && !(pieces[0]?.kind === "one" && pieces[0].isDot)) return false;
  return charactersMatch(pieces, Array.from(name));
}

function charactersMatch(pieces: readonly Piece[], characters: readonly string[]): boolean {
  const [piece, ...rest] = pieces;
  if (piece === undefined) return characters.length === 0;
  const [character, ...others] = characters;
  if (piece.kind === "one") return character !== undefined && piece.fits(character) && charactersMatch(rest, others);
  return charactersMatch(rest, characters) || (character !== undefined && charactersMatch(pieces, others));
}

function piecesOf(segment: string): Piece[] {
  const pieces: Piece[] = [];
  const characters = Array.from(segment);
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? "";
    if (character === "*") {
      if (pieces.at(-1)?.kind !== "star") pieces.push({ kind: "star" });
    } else if (character === "?") pieces.push({ kind: "one", fits: () => true, isDot: false });
    else if (character === "[") {
      const isNegated = characters[at + 1] === "!" || characters[at + 1] === "^";
      const start = at + (isNegated ? 2 : 1);
      const end = characters.indexOf("]", start + 1);
      const members = characters.slice(start, end);
      pieces.push({ kind: "one", fits: (one) => isMember(one, members) !== isNegated, isDot: false });
      at = end;
    } else {
      const literal = character === "\\" ? (characters[++at] ?? "") : character;
      pieces.push({ kind: "one", fits: (one) => one === literal, isDot: literal === "." });
    }
  }
  return pieces;
}

function isMember(character: string, members: readonly string[]): boolean {
  for (let at = 0; at < members.length; at++) {
    const to = members[at + 1] === "-" ? members[at + 2] : undefined;
    if (to !== undefined) {
      if (character >= (members[at] ?? "") && character <= to) return true;
      at += 2;
    } else if (members[at] === character) return true;
  }
  return false;
}

/** Every pattern that the braces stand for; `undefined` for too many, and for what mixes braces with brackets or escapes. */
function withoutBraces(pattern: string): string[] | undefined {
  if (!/[{}]/.test(pattern)) return [pattern];
  if (/[[\]\\]/.test(pattern)) return undefined;
  const inner = /\{([^{}]*)\}/.exec(pattern);
  if (inner === null) return undefined;
  const [whole, list = ""] = inner;
  const before = pattern.slice(0, inner.index);
  const after = pattern.slice(inner.index + whole.length);
  // A star that meets another by a brace would be read as two stars.
  if (before.endsWith("*") || after.startsWith("*") || /\//.test(list) || /\*\*/.test(list)) return undefined;
  const found = list.split(",").map((item) => withoutBraces(before + item + after));
  if (found.some((item) => item === undefined)) return undefined;
  const all = found.flatMap((item) => item ?? []);
  return all.length > mostAlternatives ? undefined : all;
}
