import { Writable } from "node:stream";
import * as z from "zod";
import type { ServiceClient } from "./service-client.js";

const maxRequestBytes = 1_048_576;
const takenSchema = z.object({ taken: z.int().min(0).max(maxRequestBytes) });

type Done = (error?: Error | null) => void;

/**
 * Standard input of a process over there, sent in pieces: one request at a time, each with all that has gathered meanwhile.
 * The service says how much it took, so that a process that does not read holds us up, and no memory fills.
 */
export class RemoteInput extends Writable {
  readonly #client: ServiceClient;
  readonly #path: string;
  #offset = 0;
  #ended = false;

  constructor(client: ServiceClient, processPath: string) {
    super({ highWaterMark: 262_144 });
    this.#client = client;
    this.#path = `${processPath}/stdin`;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    void tell(this.#send(chunk), done);
  }

  override _writev(chunks: readonly { readonly chunk: Buffer }[], done: Done): void {
    void tell(this.#send(Buffer.concat(chunks.map(({ chunk }) => chunk))), done);
  }

  override _final(done: Done): void {
    void tell(this.#end(), done);
  }

  override _destroy(error: Error | null, done: Done): void {
    // As with a pipe: a writer that goes away is the end of input. It is sent while others go on.
    void this.#end().catch(() => undefined);
    done(error);
  }

  async #send(bytes: Buffer): Promise<void> {
    let rest = bytes;
    while (rest.length > 0) {
      const { body } = await this.#client.send({
        method: "POST",
        path: `${this.#path}?offset=${this.#offset}`,
        body: rest.subarray(0, maxRequestBytes),
        expects: [200],
      });
      const { taken } = takenSchema.parse(JSON.parse(body.toString()));
      this.#offset += taken;
      rest = rest.subarray(taken);
    }
  }

  async #end(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    await this.#client.send({ method: "DELETE", path: this.#path, expects: [204] });
  }
}

/** Tells a stream how its work ended. */
async function tell(work: Promise<void>, done: Done): Promise<void> {
  try {
    await work;
  } catch (error) {
    done(error as Error);
    return;
  }
  done();
}
