/** Controls, marks that turn the direction of text, line ends of any kind, tags that nobody sees: what could steer a terminal, or forge a line. */
const unsafe = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}\u{e0000}-\u{e007f}]/gu;

/** Text from elsewhere as one line of a message: what could steer a terminal is spelled out, what is too long is cut. */
export function showable(text: string, mostCharacters = 400): string {
  // What lies further back cannot show.
  const escaped = text.slice(0, mostCharacters + 1).replaceAll(unsafe, (character) => {
    const code = (character.codePointAt(0) ?? 0).toString(16).padStart(4, "0");
    return code.length > 4 ? `\\u{${code}}` : `\\u${code}`;
  });
  return escaped.length > mostCharacters ? `${escaped.slice(0, mostCharacters - 3)}...` : escaped;
}
