/** A signal that aborts with another one until the link is cut. */
export function linkedAbort(parent: AbortSignal | undefined): {
  readonly signal: AbortSignal;
  unlink(): void;
} {
  const controller = new AbortController();
  const onAbort = (): void => controller.abort(parent?.reason);
  if (parent?.aborted === true) onAbort();
  parent?.addEventListener("abort", onAbort, { once: true });
  return {
    signal: controller.signal,
    unlink: () => parent?.removeEventListener("abort", onAbort),
  };
}
