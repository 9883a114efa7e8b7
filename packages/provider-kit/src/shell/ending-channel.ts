import type { TransportChannel, TransportProcess } from "../transport.js";

/**
 * A channel whose processes can be ended all at once. A call that waits for its caller, such as a write from a stream, would else
 * not hear that its session is over.
 */
export class EndingChannel implements TransportChannel {
  readonly kind: TransportChannel["kind"];
  readonly #channel: TransportChannel;
  readonly #running = new Set<TransportProcess>();
  #over = false;

  constructor(channel: TransportChannel) {
    this.kind = channel.kind;
    this.#channel = channel;
  }

  async spawn(...options: Parameters<TransportChannel["spawn"]>): Promise<TransportProcess> {
    const process = await this.#channel.spawn(...options);
    this.#running.add(process);
    void process.exited.then(() => this.#running.delete(process));
    if (this.#over) process.kill();
    return process;
  }

  /** Kills what runs, and what was about to. */
  end(): void {
    this.#over = true;
    for (const process of this.#running) process.kill();
  }
}
