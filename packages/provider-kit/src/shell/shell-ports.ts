import { connect as dial, type Socket } from "node:net";
import {
  RunnerError,
  type RunnerCallOptions,
  type RunnerConnection,
  type RunnerPort,
  type RunnerPortRequest,
  type RunnerPorts,
} from "@mooring/api";
import { abortable, cancelledError, throwIfAborted } from "../async/abort.js";
import { requireWholeNumber } from "../commands/requirements.js";
import { expected, unsupported } from "../errors/expected.js";
import { ExposedPorts } from "../ports/exposed-ports.js";
import { connectionOver } from "../ports/connection-over.js";
import { requirePort } from "../ports/require-port.js";
import type { TransportDialler } from "../ports/transport-dialler.js";
import { openNetcat } from "./netcat-connection.js";
import { connectionLost, nothingListens } from "./nothing-listens.js";
import type { ShellPlace, ShellTools } from "./shell-place.js";
import { readableEnd, writableEnd } from "./connection-ends.js";

/** How long to wait before a port is tried again. */
const retryMs = 50;

export interface ShellPortsContext {
  readonly place: ShellPlace;
  readonly tools: ShellTools;
  readonly directUrl: ((port: number) => string | undefined) | undefined;
  readonly dialler: TransportDialler;
}

/** Ports of the far side: dialled from here where the transport says that they can be, else through its `nc`. */
export class ShellPorts implements RunnerPorts {
  readonly #context: ShellPortsContext;
  readonly #exposed: ExposedPorts;
  readonly #connections = new Set<RunnerConnection>();

  constructor(context: ShellPortsContext) {
    this.#context = context;
    this.#exposed = new ExposedPorts({
      directUrl: context.directUrl,
      dial: (port) => context.dialler.dial(port, undefined),
      connect: (port) => this.connect(port),
    });
  }

  async expose(request: RunnerPortRequest, options: RunnerCallOptions = {}): Promise<RunnerPort> {
    throwIfAborted(options.signal, "ports.expose");
    if (typeof request !== "object" || request === null) throw expected("request", "an object { port }", request);
    const port = requirePort(request.port);
    if (request.label !== undefined && typeof request.label !== "string")
      throw expected("label", "a string", request.label);
    this.#requireWay(port, "ports.expose");
    if (request.readiness !== undefined) {
      const timeoutMs = requireWholeNumber("readiness.timeoutMs", request.readiness.timeoutMs, 1);
      await this.#ready(port, timeoutMs, options.signal);
    }
    return this.#exposed.expose(port, request.label);
  }

  async list(options: RunnerCallOptions = {}): Promise<RunnerPort[]> {
    throwIfAborted(options.signal, "ports.list");
    return this.#exposed.list();
  }

  async connect(port: number, options: RunnerCallOptions = {}): Promise<RunnerConnection> {
    throwIfAborted(options.signal, "ports.connect");
    const checked = requirePort(port);
    this.#requireWay(checked, "ports.connect");
    const connection = await abortable(this.#open(checked, options.signal), options.signal, "ports.connect");
    this.#connections.add(connection);
    return connection;
  }

  /** Stops listening, and ends the connections. */
  async close(): Promise<void> {
    this.#context.dialler.close();
    await this.#exposed.closeAll();
    await Promise.all([...this.#connections].map((connection) => connection[Symbol.asyncDispose]()));
  }

  #requireWay(port: number, operation: string): void {
    const { directUrl, dialler, tools } = this.#context;
    if (directUrl?.(port) !== undefined || dialler.isOpen || tools.netcat !== undefined) return;
    throw unsupported("This session has no way to its ports: the runner has no `nc` that is known", {
      operation,
      resource: "port",
    });
  }

  async #open(port: number, signal: AbortSignal | undefined): Promise<RunnerConnection> {
    const { directUrl, dialler, place, tools } = this.#context;
    const url = directUrl?.(port);
    if (url !== undefined) return openSocket(new URL(url), port);
    const stream = await dialler.dial(port, signal);
    return stream === undefined ? openNetcat(place, tools, port, signal) : connectionOver(stream);
  }

  async #ready(port: number, timeoutMs: number, signal: AbortSignal | undefined): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      try {
        const connection = await abortable(this.#open(port, signal), signal, "ports.expose");
        await connection[Symbol.asyncDispose]();
        return;
      } catch (error) {
        if (!RunnerError.is(error) || error.code !== "unavailable") throw error;
        if (performance.now() + retryMs > deadline) throw notReady(port, timeoutMs, error);
      }
      await pause(retryMs, signal);
    }
  }
}

function notReady(port: number, timeoutMs: number, cause: unknown): RunnerError {
  return new RunnerError("timeout", `Nothing listened on port ${port} within ${timeoutMs} ms`, {
    operation: "ports.expose",
    resource: "port",
    retryable: null,
    phase: "running",
    cause,
  });
}

function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      clearTimeout(timer);
      if (signal !== undefined) reject(cancelledError(signal, "ports.expose", "unknown"));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

async function openSocket(url: URL, port: number): Promise<RunnerConnection> {
  const socket = await new Promise<Socket>((resolve, reject) => {
    const dialled = dial({ host: url.hostname, port: Number(url.port || port), allowHalfOpen: true });
    dialled.once("connect", () => {
      dialled.removeAllListeners("error");
      resolve(dialled);
    });
    dialled.once("error", (cause) => reject(nothingListens(port, cause)));
  });
  socket.setNoDelay(true);
  socket.on("error", () => undefined);
  return {
    readable: readableEnd(socket),
    writable: writableEnd(socket, connectionLost),
    async [Symbol.asyncDispose]() {
      socket.destroy();
    },
  };
}
