// Reads the header byte by byte, so that nothing of what follows the program is swallowed, then the program.
// Standard input may have been left non-blocking by a shell or a server in between, hence the `select`.
const boot = [
  "sub take{my($n,$s)=($_[0],'');",
  "while(length$s<$n){my$r=chr 1;select$r,undef,undef,undef;",
  "my$c=sysread STDIN,$s,$n-length$s,length$s;exit 1 if defined$c?!$c:$!!=4&&$!!=11}$s}",
  "my$h='';while((my$c=take(1))ne qq(\\n)){$h.=$c}",
  "our($MOORING_LENGTH,$MOORING_NONCE,$MOORING_KIND)=split/ /,$h;",
  "our$MOORING_SOURCE=take($MOORING_LENGTH);",
  "eval qq(#line 1 mooring-helper\\n).$MOORING_SOURCE;",
  "print STDERR qq(mooring-helper: $@);exit 70",
].join("");

/** Starts the Perl helper. What it runs comes through its standard input: see {@link helperHeader}. */
export const helperBootArgv: readonly string[] = ["perl", "-e", boot];

/**
 * The line that goes before the helper's program.
 * @param source the program, which must be ASCII, as its length is counted in bytes
 * @param nonce 32 random hexadecimal digits, which the helper gives back in its first line
 */
export function helperHeader(source: string, nonce: string, kind: "bytes" | "text"): string {
  return `${source.length} ${nonce} ${kind}\n`;
}

/** What a header says to a helper whose program is there already. */
export function readGreeting(header: string): { readonly nonce: string; readonly kind: "bytes" | "text" } {
  const [, nonce = "", kind] = header.trim().split(" ");
  return { nonce, kind: kind === "text" ? "text" : "bytes" };
}
