import { HelperHub, type TransportChannel, type TransportProcess } from "@mooring/provider-kit";

/** How long a hub may take until it answers; what waits for it does without then. */
const startMs = 10_000;
/** A hub that is lost again and again is not worth another one. */
const mostStarts = 3;

/** The hub of one connection: started when it is first needed, and again when it was lost. */
export class ConnectionHub {
  readonly #spawn: TransportChannel["spawn"];
  #hub: Promise<HelperHub> | undefined;
  #starts = 0;
  /** Whether helpers may be asked of it. */
  isUsable = true;

  constructor(spawn: TransportChannel["spawn"]) {
    this.#spawn = spawn;
  }

  /** Starts a helper. Rejects, for whatever reason, where there is no hub. */
  async startReady(header: string): Promise<TransportProcess> {
    return (await this.#running()).startReady(header);
  }

  #running(): Promise<HelperHub> {
    this.#hub ??= this.#start();
    return this.#hub;
  }

  async #start(): Promise<HelperHub> {
    this.#starts += 1;
    try {
      const hub = await HelperHub.start({ kind: "bytes", spawn: this.#spawn }, { openTimeoutMs: startMs });
      void hub.lost.then(() => {
        this.#hub = undefined;
        this.isUsable = this.#starts < mostStarts;
      });
      return hub;
    } catch (error) {
      // Where there is no Perl, or no room for it, the next one would find the same.
      this.isUsable = false;
      throw error;
    }
  }
}
