import { expected } from "../errors/expected.js";

const mostAlternatives = 1_024;
const mostCharacters = 65_536;

/**
 * The patterns without braces that one with braces stands for: `{a,b}c` for `ac` and `bc`. Nested ones are opened too; in brackets and
 * after a backslash a brace is a character like any other. Rejects with `invalid_request` for a brace that is not closed and for
 * more alternatives than are worth a search.
 */
export function expandBraces(pattern: string, option: string): string[] {
  const expansion = new BraceExpansion(pattern, option);
  return [...new Set(expansion.all())];
}

class BraceExpansion {
  readonly #pattern: string;
  readonly #option: string;
  #index = 0;

  constructor(pattern: string, option: string) {
    this.#pattern = pattern;
    this.#option = option;
  }

  all(): string[] {
    return this.#sequence(0);
  }

  /** What stands up to the end, or, within braces, up to the next comma or closing brace of theirs. */
  #sequence(depth: number): string[] {
    let texts = [""];
    while (this.#index < this.#pattern.length) {
      const sign = this.#pattern[this.#index] ?? "";
      if (depth > 0 && (sign === "," || sign === "}")) return texts;
      texts = this.#product(texts, sign === "{" ? this.#braces(depth + 1) : [this.#plain(sign)]);
    }
    if (depth > 0) throw expected(this.#option, "a pattern whose braces are closed", this.#pattern);
    return texts;
  }

  #braces(depth: number): string[] {
    const alternatives: string[] = [];
    do {
      this.#index++;
      alternatives.push(...this.#sequence(depth));
    } while (this.#pattern[this.#index] === ",");
    this.#index++;
    return this.#bounded(alternatives);
  }

  /** A character, with what belongs to it: one that is escaped, or a whole class. */
  #plain(sign: string): string {
    const start = this.#index;
    if (sign === "\\") this.#index += 2;
    else if (sign === "[") {
      const negated = /[!^]/.test(this.#pattern[start + 1] ?? "");
      const end = this.#pattern.indexOf("]", start + (negated ? 3 : 2));
      this.#index = end === -1 ? start + 1 : end + 1;
    } else this.#index++;
    return this.#pattern.slice(start, this.#index);
  }

  #product(heads: readonly string[], tails: readonly string[]): string[] {
    const count = heads.length * tails.length;
    if (count > mostAlternatives) throw this.#tooMany();
    return this.#bounded(heads.flatMap((head) => tails.map((tail) => head + tail)));
  }

  #bounded(texts: string[]): string[] {
    const characters = texts.reduce((sum, text) => sum + text.length, 0);
    if (texts.length > mostAlternatives || characters > mostCharacters) throw this.#tooMany();
    return texts;
  }

  #tooMany(): Error {
    const most = `${mostAlternatives} patterns and ${mostCharacters} characters`;
    return expected(this.#option, `a pattern whose braces stand for at most ${most}`, this.#pattern);
  }
}
