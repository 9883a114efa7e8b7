import { randomUUID } from "node:crypto";
import type { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import type { TransportExit, TransportProcess } from "@mooring/provider-kit";
import * as z from "zod";
import { RemoteInput } from "./remote-input.js";
import type { ServiceClient } from "./service-client.js";

/** The service's word is checked: a place that is broken, or worse, must not make up an exit. */
const exitSchema = z.object({
  code: z.int().min(0).max(255).nullable(),
  signal: z
    .string()
    .regex(/^SIG[A-Z0-9]{1,16}$/)
    .nullable(),
});

/** A process over there: two streams that the service sends, input in pieces, and an exit that is asked for. */
export class RemoteProcess implements TransportProcess {
  readonly stdin: RemoteInput;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly exited: Promise<TransportExit>;
  /** Resolves when it has ended, all of its output was read, and the service has forgotten it. */
  readonly over: Promise<void>;
  readonly #client: ServiceClient;
  readonly #path: string;

  private constructor(client: ServiceClient, path: string, stdout: Readable, stderr: Readable) {
    this.#client = client;
    this.#path = path;
    this.stdin = new RemoteInput(client, path);
    this.stdout = stdout;
    this.stderr = stderr;
    this.exited = exitOf(client, path);
    this.over = Promise.allSettled([this.exited, finished(stdout), finished(stderr)]).then(() => this.remove());
  }

  /** Rejects with `not_found` when the program is not there. Whatever happens, nothing that nobody knows of runs on. */
  static async start(
    client: ServiceClient,
    argv: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<RemoteProcess> {
    // The id is ours, so that a start whose answer got lost can be undone.
    const path = `/processes/${randomUUID()}`;
    try {
      const body = Buffer.from(JSON.stringify({ argv }));
      await client.send({ method: "PUT", path, body, expects: [201], signal });
      const [stdout, stderr] = await Promise.all([
        client.stream({ method: "GET", path: `${path}/stdout`, expects: [200], signal }),
        client.stream({ method: "GET", path: `${path}/stderr`, expects: [200], signal }),
      ]);
      return new RemoteProcess(client, path, stdout, stderr);
    } catch (error) {
      await remove(client, path);
      throw error;
    }
  }

  kill(): void {
    void this.remove();
  }

  /** Kills it if it lives, and makes the service forget it. Never rejects: what cannot be reached ends by its lease. */
  async remove(): Promise<void> {
    await remove(this.#client, this.#path);
  }
}

async function remove(client: ServiceClient, path: string): Promise<void> {
  await client.send({ method: "DELETE", path, expects: [204] }).catch(() => undefined);
}

/** Asks until it has ended. An exit that nobody can tell is unknown, never 0. */
async function exitOf(client: ServiceClient, path: string): Promise<TransportExit> {
  try {
    while (true) {
      // The service answers within 10 s, with 204 when the process runs on.
      const { status, body } = await client.send({ method: "GET", path: `${path}/exit`, expects: [200, 204] });
      if (status === 200) return exitSchema.parse(JSON.parse(body.toString()));
    }
  } catch {
    return { code: null, signal: null };
  }
}
