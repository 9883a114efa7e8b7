/** What a template calls a provider, in each of the ways to write it, and what it is to be called instead. */
export interface NewNames {
  readonly id: string;
  readonly pascal: string;
  readonly camel: string;
}

const placeholder = /my-place|MyPlace|myPlace/g;
const reserved = new Set(
  (
    "arguments await break case catch class const continue debugger default delete do else enum eval export extends " +
    "false finally for function if implements import in instanceof interface let new null package private protected " +
    "public return static super switch this throw true try typeof undefined using var void while with yield"
  ).split(" "),
);

/**
 * The names for a provider's id. Where code of its own name would collide with a word of the templates' text, such as
 * `process`, or be no name at all, such as `class`, the names in code end in `Provider`.
 */
export function newNames(id: string, templates: readonly string[]): NewNames {
  const words = id.split("-").filter((word) => word !== "");
  const pascal = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
  const plain = { id, pascal, camel: pascal.charAt(0).toLowerCase() + pascal.slice(1) };
  const text = templates.join("\n");
  const taken = new Set((text.match(/[\w$]+/g) ?? []).filter((word) => !/MyPlace|myPlace/.test(word)));
  const made = (text.match(/[\w$]*(?:MyPlace|myPlace)[\w$]*/g) ?? []).map((word) => renamed(word, plain));
  if (!made.some((word) => taken.has(word) || reserved.has(word))) return plain;
  return { id, pascal: `${pascal}Provider`, camel: `${plain.camel}Provider` };
}

/** Text of a template with the provider's own names. */
export function renamed(template: string, { id, pascal, camel }: NewNames): string {
  const names: Readonly<Record<string, string>> = { "my-place": id, MyPlace: pascal, myPlace: camel };
  return template.replaceAll(placeholder, (found) => names[found] ?? found);
}
