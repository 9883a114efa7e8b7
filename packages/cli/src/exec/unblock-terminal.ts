/**
 * Node writes to terminals in a blocking way: one that is stopped (Ctrl-S) would stop this whole process, and with it the
 * signs of life that keep a session open. There is no public way to ask for the other one.
 */
export function unblockTerminals(): void {
  for (const stream of [process.stdout, process.stderr]) {
    const { _handle: handle } = stream as { _handle?: { setBlocking?(blocking: boolean): unknown } };
    if (stream.isTTY) handle?.setBlocking?.(false);
  }
}
