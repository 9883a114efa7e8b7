/** A glob pattern as a regular expression over the whole of a path under the start. */
export function globExpression(pattern: string): RegExp {
  return new RegExp(`^${translate(pattern)}$`, "su");
}

/** Whether a path under the start is excluded: by a pattern of its name, or of its whole path. */
export function excluder(patterns: readonly string[]): (path: string) => boolean {
  const byName = patterns.filter((pattern) => !pattern.includes("/")).map(globExpression);
  const byPath = patterns.filter((pattern) => pattern.includes("/")).map(globExpression);
  return (path) => {
    const name = path.slice(path.lastIndexOf("/") + 1);
    return byName.some((expression) => expression.test(name)) || byPath.some((expression) => expression.test(path));
  };
}

function translate(pattern: string): string {
  let expression = "";
  let depth = 0;
  for (let index = 0; index < pattern.length; index += 1) {
    const character = pattern.charAt(index);
    if (pattern.startsWith("**/", index)) {
      expression += "(?:[^/]+/)*";
      index += 2;
    } else if (pattern.startsWith("**", index)) {
      expression += ".*";
      index += 1;
    } else if (character === "*") {
      expression += "[^/]*";
    } else if (character === "?") {
      expression += "[^/]";
    } else if (character === "[" && pattern.indexOf("]", index + 2) > 0) {
      const end = pattern.indexOf("]", index + 2);
      expression += bracket(pattern.slice(index + 1, end));
      index = end;
    } else if (character === "{") {
      expression += "(?:";
      depth += 1;
    } else if (character === "}" && depth > 0) {
      expression += ")";
      depth -= 1;
    } else if (character === "," && depth > 0) {
      expression += "|";
    } else if (character === "\\" && index + 1 < pattern.length) {
      index += 1;
      expression += quote(pattern.charAt(index));
    } else {
      expression += quote(character);
    }
  }
  return expression + ")".repeat(depth);
}

function bracket(body: string): string {
  const negated = body.startsWith("!") || body.startsWith("^");
  const members = (negated ? body.slice(1) : body).replaceAll(/[\\\]^[&~]/g, "\\$&");
  return `[${negated ? "^" : ""}${members}]`;
}

export function quote(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
