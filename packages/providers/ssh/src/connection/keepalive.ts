import type { Client } from "ssh2";

interface LibraryClient {
  readonly _protocol?: { ping(): void };
  /** Those who wait for answers to global requests, in the order of the requests. */
  readonly _callbacks?: ((answer: unknown) => void)[];
}

/**
 * Asks the server for a sign of life now and then. The library would do it, too, but by a timer that keeps a program from
 * ending. Returns what stops it.
 */
export function askNowAndThen(client: Client, intervalMs: number): () => void {
  const timer = setInterval(() => {
    const { _protocol: protocol, _callbacks: waiting } = client as unknown as LibraryClient;
    if (protocol === undefined || waiting === undefined) return;
    waiting.push(() => undefined);
    protocol.ping();
  }, intervalMs);
  timer.unref();
  return () => clearInterval(timer);
}
