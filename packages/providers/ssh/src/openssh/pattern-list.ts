/** Whether a text is matched by OpenSSH patterns: `*`, `?`, and `!` before one that excludes. Neither side's case counts. */
export function matchesPatterns(patterns: readonly string[], text: string): boolean {
  let found = false;
  for (const pattern of patterns) {
    const negated = pattern.startsWith("!");
    if (!matchesPattern(negated ? pattern.slice(1) : pattern, text)) continue;
    if (negated) return false;
    found = true;
  }
  return found;
}

/** In linear time and space: a pattern may come from a file that somebody else wrote. */
function matchesPattern(pattern: string, text: string): boolean {
  const wanted = pattern.toLowerCase();
  const given = text.toLowerCase();
  let at = 0;
  let position = 0;
  let star = -1;
  let resumeAt = 0;
  while (position < given.length) {
    if (wanted[at] === "*") {
      star = at++;
      resumeAt = position;
    } else if (at < wanted.length && (wanted[at] === "?" || wanted[at] === given[position])) {
      at++;
      position++;
    } else if (star !== -1) {
      at = star + 1;
      position = ++resumeAt;
    } else {
      return false;
    }
  }
  while (wanted[at] === "*") at++;
  return at === wanted.length;
}
