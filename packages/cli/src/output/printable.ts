// Control characters (but tab and line feed), DEL, C1 controls, and the marks that turn the direction of text.
// oxlint-disable-next-line no-control-regex -- control characters are what this is about
const unsafe = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Text from elsewhere, fit for a terminal: what could move the cursor or change colours is spelled out. */
export function printable(text: string): string {
  return text.replaceAll(unsafe, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16)}`;
  });
}

/** The same for something that must stay on one line. */
export function printableLine(text: string): string {
  return printable(text).replaceAll("\n", "\\n").replaceAll("\t", " ");
}
