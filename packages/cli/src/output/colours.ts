import picocolors from "picocolors";

type Colours = ReturnType<typeof picocolors.createColors>;

/** Colours for one stream: none where it is no terminal or `NO_COLOR` is set. */
export function coloursFor(stream: { readonly isTTY?: boolean }): Colours {
  const wanted = stream.isTTY === true && !process.env["NO_COLOR"] && process.env["TERM"] !== "dumb";
  return picocolors.createColors(wanted);
}
