import type { JsonObject, RunnerFacets } from "@mooring/api";
import type { Duplex, Readable, Writable } from "node:stream";

/** How a process that a transport spawned ended: a code, a signal's name, or neither when that is not known. */
export interface TransportExit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** A process on the far side, as the transport sees it. */
export interface TransportProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves when the process has ended or the connection was lost; never rejects. */
  readonly exited: Promise<TransportExit>;
  /** Ends it as firmly as the place can; safe to call at any time. */
  kill(): void;
}

/** The one way a transport runs things on the far side. */
export interface TransportChannel {
  /** `bytes`: what passes through is exact. `text`: the place decodes it, so frames go as lines of base64. */
  readonly kind: "bytes" | "text";
  /**
   * Starts a process, a session leader of its own, with the destination's environment. Rejects with `not_found` when the
   * program is not there, with `unavailable` when the place cannot be reached.
   */
  spawn(argv: readonly string[], options?: { readonly signal?: AbortSignal }): Promise<TransportProcess>;
  /**
   * Gives a process in which the helper's program is there already, such as `HelperHub` makes, and which has read this first line
   * instead of the program. Called before anything is spawned; what it gives must be as what `spawn` gives. Rejects with
   * `not_found` where there is none: the helper is then started by `spawn`, as it is when this process ends before it has answered.
   * @default every helper is started by `spawn`
   */
  startReady?(header: string, options?: { readonly signal?: AbortSignal }): Promise<TransportProcess>;
}

/** What a provider author writes: how to run a process over there, and what the place does better itself. */
export interface RunnerTransport extends AsyncDisposable {
  /** Identifiers only: what `attach` needs to find the place again. */
  readonly providerState: JsonObject;
  readonly channel: TransportChannel;
  /** Facets that replace the kit's own. */
  readonly overrides?: Partial<RunnerFacets>;
  /** Where a client on this host reaches a port of the place directly; without it the kit forwards through the helper. */
  directUrl?(port: number): string | undefined;
  /**
   * Dials a port of the place's own loopback without the helper. Each direction of the stream ends by itself. Rejects with
   * `unavailable` when nothing listens there, and with `unsupported` when the place passes no connections on: the helper dials
   * then, from that time on.
   */
  openTcp?(port: number, options?: { readonly signal?: AbortSignal }): Promise<Duplex>;
  pause?(): Promise<void>;
  /** Removes what `create` made. */
  destroy?(): Promise<void>;
}
