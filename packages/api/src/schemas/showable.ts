/** Controls, marks that turn the direction of text, and line ends of any kind: what could steer a terminal or forge a line of a log. */
const unsafe = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu;

/** Text from elsewhere as one line of a message: what could steer a terminal is spelled out, what is too long is cut. */
export function showable(text: string, mostCharacters = 400): string {
  // A character becomes six at most: what lies further back cannot show.
  const escaped = text
    .slice(0, mostCharacters + 1)
    .replaceAll(unsafe, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return escaped.length > mostCharacters ? `${escaped.slice(0, mostCharacters - 3)}...` : escaped;
}
