const tokens = /\*\*\/|\*\*|\*|\?|\[([!^]?)([^\]]+)\]|\\(.)|./gsu;
const wildcards: ReadonlyMap<string, string> = new Map([
  ["**/", "(?:[^/]+/)*"],
  ["**", ".*"],
  ["*", "[^/]*"],
  ["?", "[^/]"],
]);

/** A glob pattern as a regular expression over the whole of a path under the start. */
export function globExpression(pattern: string): RegExp {
  let expression = "";
  let open = 0;
  for (const [token, negation, members, escaped] of pattern.matchAll(tokens)) {
    if (members !== undefined) {
      expression += `[${negation === "" ? "" : "^"}${members.replaceAll(/[\\\]^[&~]/g, "\\$&")}]`;
    } else if (token === "{") {
      expression += "(?:";
      open += 1;
    } else if (token === "}" && open > 0) {
      expression += ")";
      open -= 1;
    } else if (token === "," && open > 0) {
      expression += "|";
    } else {
      expression += wildcards.get(token) ?? quoted(escaped ?? token);
    }
  }
  return new RegExp(`^${expression}${")".repeat(open)}$`, "su");
}

/** Whether a path under the start is left out: by a pattern of its name, or, with a slash in it, of its whole path. */
export function excluder(patterns: readonly string[]): (path: string) => boolean {
  const byName = patterns.filter((pattern) => !pattern.includes("/")).map(globExpression);
  const byPath = patterns.filter((pattern) => pattern.includes("/")).map(globExpression);
  return (path) => {
    const name = path.slice(path.lastIndexOf("/") + 1);
    return byName.some((expression) => expression.test(name)) || byPath.some((expression) => expression.test(path));
  };
}

/** Text that a regular expression takes literally. */
export function quoted(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
