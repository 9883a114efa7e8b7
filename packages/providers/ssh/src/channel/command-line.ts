/**
 * How the login shell starts ours. `replace`: by becoming it, so that nothing of the login shell, such as the signals that it
 * ignores, is left. `child`: as a restricted shell may. `either`: by the first, and where that is forbidden by the second.
 */
export type LoginShellUse = "replace" | "child" | "either";

/**
 * The line that a login shell is given to start a program. Login shells differ: bash, dash, fish, csh and restricted ones all take a
 * word, an option and one text in single quotes without line breaks, backslashes, `!` or quotes. So in that text everything else is
 * written as an octal number, which a POSIX shell reads back. There is no path to that shell: a restricted one takes none.
 * `announcement` is a word that our shell says first.
 */
export function commandLine(argv: readonly string[], use: LoginShellUse, announcement?: string): string {
  const announce = announcement === undefined ? "" : `echo ${announcement}; `;
  const script = `${announce}exec ${argv.map(quoted).join(" ")}`;
  // Backslashes of the octal numbers stand before digits: only `\'` and `\\` mean something to fish in single quotes.
  const shell = `sh -c 'eval "$(printf "${octal(script)}")"'`;
  if (use === "child") return shell;
  return use === "replace" ? `exec ${shell}` : `exec ${shell}; ${shell}`;
}

/** One word for a POSIX shell. */
function quoted(word: string): string {
  return /^[A-Za-z0-9_./:,@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** The text for `printf`, with everything in octal that a shell or `printf` could take for something else. */
function octal(text: string): string {
  let escaped = "";
  for (const byte of Buffer.from(text, "utf8")) {
    const character = String.fromCharCode(byte);
    escaped += /[A-Za-z0-9 _./:,;@+=~()[\]{}<>|&*?#-]/.test(character)
      ? character
      : `\\${byte.toString(8).padStart(3, "0")}`;
  }
  return escaped;
}
