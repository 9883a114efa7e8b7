import fc from "fast-check";
import {
  excludeExpressions,
  globExpression,
  globPattern,
} from "../../../packages/provider-kit/src/files/glob-pattern.js";
import { grepQuery } from "../../../packages/provider-kit/src/files/grep-query.js";
import type { FuzzTarget, Json } from "../engine/fuzz-target.js";
import { globMatches } from "../oracles/glob-oracle.js";
import { outcomeOf } from "../oracles/refusal.js";
import { requireThat } from "../oracles/violation.js";

const names = ["a", "b.ts", ".hidden", "é", "日本", "aaaa", "a-b", "x y", "[x]", "a*b", "{a}", "a,b"];
const token = fc.constantFrom(
  "a",
  "b",
  ".",
  "*",
  "**",
  "?",
  "/",
  "[ab]",
  "[!a]",
  "[a-c]",
  "[éb]",
  "[!日]",
  "{a,b}",
  "{a,*.ts}",
  "é",
  "日",
  ".ts",
  "\\*",
  "-",
  ",",
);

const fresh: fc.Arbitrary<Json> = fc.record({
  pattern: fc.array(token, { minLength: 1, maxLength: 8 }).map((tokens) => tokens.join("")),
  hidden: fc.boolean(),
  paths: fc.array(
    fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/")),
    {
      minLength: 1,
      maxLength: 6,
    },
  ),
});

/** Globs: what they mean by an oracle of its own, and what they cost on paths that were made to cost much. */
export const globPatterns: FuzzTarget = {
  name: "glob-patterns",
  form: "json",
  covers: ["provider-kit/src/files"],
  seeds: [
    { pattern: "src/**/*.{ts,md}", hidden: false, paths: ["src/a/b.ts", "src/x.md", "src/.h/a.ts"] },
    { pattern: "**/**/a*a*b", hidden: true, paths: ["a/a/a/aaaaaaaaaa", "aab"] },
    { pattern: "[éa]*[!日b]", hidden: true, paths: ["éa", "é日", "aé", "日a"] },
    { pattern: "[!a-c]?é\\*", hidden: false, paths: ["xyé*", "日本é*"] },
  ],
  fresh,
  dictionary: ["**/", "*", "?", "[", "]", "{", "}", ",", "\\", "/", "é", "*a", "a".repeat(60), "a/".repeat(30)],
  testInputs: 1_500,
  run(input) {
    const { pattern, hidden, paths } = (input ?? {}) as Readonly<Record<string, Json | undefined>>;
    const includeHidden = hidden === true;
    const codes = ["invalid_request"] as const;
    const outcome = outcomeOf(codes, () => globPattern(pattern as string, { includeHidden }));
    outcomeOf(codes, () => grepQuery(pattern as string, { literal: includeHidden, include: pattern as string }));
    outcomeOf(codes, () => excludeExpressions([pattern as string]));
    if ("error" in outcome) return;
    const whole = outcomeOf(codes, () => globExpression(pattern as string, "include"));
    requireThat("value" in whole, () => "A pattern to search for that is none to include");
    const { base, source } = outcome.value;
    const expression = new RegExp(source);
    for (const path of pathsIn(paths)) {
      const latin1 = Buffer.from(path, "utf8").toString("latin1");
      const under = Buffer.from(base === "" ? "" : `${base}/`).toString("latin1");
      const found = latin1.startsWith(under) && expression.test(latin1.slice(under.length));
      const expected = globMatches(pattern as string, path, includeHidden);
      if (expected === undefined) continue;
      requireThat(
        found === expected,
        () => `${JSON.stringify(pattern)} and ${path}: ${found}, and should be ${expected}`,
      );
      if ("value" in whole) new RegExp(whole.value).test(latin1);
    }
  },
};

/** Paths as a walk would give them. */
function pathsIn(value: Json | undefined): string[] {
  if (!Array.isArray(value)) return [];
  return (value as readonly Json[]).flatMap((path) =>
    typeof path === "string" && path.length < 2_000 && isWalked(path) ? [path] : [],
  );
}

function isWalked(path: string): boolean {
  return (
    Buffer.from(path).toString() === path &&
    !path.includes("\0") &&
    path.split("/").every((name) => name !== "" && name !== "." && name !== "..")
  );
}
