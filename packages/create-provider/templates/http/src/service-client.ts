import { Agent as HttpAgent, type IncomingMessage, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { buffer } from "node:stream/consumers";
import { RunnerError } from "@mooring/api";
import { statusError } from "./status-table.js";

/** How long the service may take for an answer. Of one that streams only the beginning is limited: the kit watches the rest. */
const answerMs = 20_000;

/** Repeating a request does no harm: the service knows processes by an id, and input by its offset. */
export interface ServiceRequest {
  readonly method: "GET" | "PUT" | "POST" | "DELETE";
  /** Under the service's URL. */
  readonly path: string;
  readonly body?: Uint8Array;
  /** The statuses that are no failure. */
  readonly expects: readonly number[];
  readonly signal?: AbortSignal | undefined;
}

/** Requests to the service: each with the token, a deadline, and the caller's signal. */
export class ServiceClient {
  readonly #url: string;
  readonly #token: string;
  readonly #agent: HttpAgent;
  readonly #closed = new AbortController();

  constructor(url: string, token: string) {
    this.#url = url.replace(/\/+$/, "");
    this.#token = token;
    // Connections are kept: opening one for each piece of input would cost more than sending it.
    this.#agent = url.startsWith("https:") ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true });
  }

  /** Rejects as every other request would when the service is away, or refuses the token. */
  async ping(signal?: AbortSignal): Promise<void> {
    await this.send({ method: "GET", path: "/", expects: [204], signal });
  }

  /** A request whose answer is short. */
  async send(request: ServiceRequest): Promise<{ readonly status: number; readonly body: Buffer }> {
    return await this.#within(request, async (signal) => {
      const response = await this.#answer(request, signal);
      return { status: response.statusCode ?? 0, body: await buffer(response) };
    });
  }

  /** A request whose answer streams for as long as there is something to tell. Its signal, too, ends with the beginning. */
  async stream(request: ServiceRequest): Promise<IncomingMessage> {
    return await this.#within(request, (signal) => this.#answer(request, signal));
  }

  /** Ends every request, also those that stream, and closes the connections. */
  close(): void {
    this.#closed.abort();
    this.#agent.destroy();
  }

  async #within<Value>(request: ServiceRequest, work: (signal: AbortSignal) => Promise<Value>): Promise<Value> {
    const { method, path, signal } = request;
    const limit = new AbortController();
    const stop = () => limit.abort();
    const timer = setTimeout(stop, answerMs);
    signal?.addEventListener("abort", stop, { once: true });
    if (signal?.aborted === true) stop();
    try {
      return await work(AbortSignal.any([limit.signal, this.#closed.signal]));
    } catch (cause) {
      if (RunnerError.is(cause)) throw cause;
      // Whether the service acted on it is not known.
      const details = { phase: "unknown", cause: signal?.aborted === true ? signal.reason : cause } as const;
      if (signal?.aborted === true) {
        throw new RunnerError("cancelled", `${method} ${path} was cancelled by its signal`, {
          ...details,
          retryable: false,
        });
      }
      const what = limit.signal.aborted ? `did not answer within ${answerMs} ms` : "gave no answer";
      throw new RunnerError("unavailable", `The service ${what}: ${method} ${path}`, { ...details, retryable: null });
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
    }
  }

  async #answer(request: ServiceRequest, signal: AbortSignal): Promise<IncomingMessage> {
    const { method, path, expects } = request;
    let response: IncomingMessage;
    try {
      response = await this.#exchange(request, signal);
    } catch (error) {
      // A service may close a kept connection at the very moment that a request goes into it.
      if (!(error instanceof KeptConnectionLost)) throw error;
      response = await this.#exchange(request, signal);
    }
    const status = response.statusCode ?? 0;
    if (expects.includes(status)) return response;
    // What else it says is the service's own words, and may be of any length.
    response.resume();
    throw statusError(status, `${method} ${path}`);
  }

  #exchange({ method, path, body }: ServiceRequest, signal: AbortSignal): Promise<IncomingMessage> {
    const url = new URL(`${this.#url}${path}`);
    const send = url.protocol === "https:" ? httpsRequest : httpRequest;
    const headers = { authorization: `Bearer ${this.#token}`, "content-length": body?.length ?? 0 };
    return new Promise((resolve, reject) => {
      const sent = send(url, { method, agent: this.#agent, headers, signal });
      sent.once("response", resolve);
      sent.on("error", (error: NodeJS.ErrnoException) => {
        reject(sent.reusedSocket && error.code === "ECONNRESET" ? new KeptConnectionLost() : error);
      });
      sent.end(body);
    });
  }
}

class KeptConnectionLost extends Error {}
