import {
  type RunnerCallOptions,
  type RunnerConnection,
  type RunnerPort,
  type RunnerPortRequest,
  type RunnerPorts,
} from "@mooring/api";
import { throwIfAborted } from "../async/abort.js";
import { requireWholeNumber } from "../commands/requirements.js";
import { expected } from "../errors/expected.js";
import { ExposedPorts } from "../ports/exposed-ports.js";
import { connectionOver } from "../ports/connection-over.js";
import { requirePort } from "../ports/require-port.js";
import { TransportDialler } from "../ports/transport-dialler.js";
import type { RunnerTransport } from "../transport.js";
import { call } from "./call.js";
import type { Connection } from "./connection.js";
import { PortConnection } from "./port-connection.js";

/** Ports of the far side: dialled by the helper, or directly where the transport says that they can be. */
export class HelperPorts implements RunnerPorts {
  readonly #connection: Connection;
  readonly #dialler: TransportDialler;
  readonly #exposed: ExposedPorts;

  constructor(connection: Connection, transport: RunnerTransport) {
    this.#connection = connection;
    this.#dialler = new TransportDialler(transport);
    void connection.lost.then(() => this.#dialler.close());
    this.#exposed = new ExposedPorts({
      directUrl: transport.directUrl?.bind(transport),
      dial: (port) => this.#dialler.dial(port, undefined),
      connect: (port) => this.#connectByHelper(port, undefined),
    });
  }

  async expose(request: RunnerPortRequest, options: RunnerCallOptions = {}): Promise<RunnerPort> {
    throwIfAborted(options.signal, "ports.expose");
    if (typeof request !== "object" || request === null) throw expected("request", "an object { port }", request);
    const port = requirePort(request.port);
    if (request.label !== undefined && typeof request.label !== "string")
      throw expected("label", "a string", request.label);
    if (request.readiness !== undefined) {
      const timeoutMs = requireWholeNumber("readiness.timeoutMs", request.readiness.timeoutMs, 1);
      await call(
        this.#connection,
        { op: "port.wait", operation: "ports.expose", resource: "port", signal: options.signal },
        (writer) => writer.field("port", port).field("timeoutMs", timeoutMs),
      );
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
    const stream = await this.#dialler.dial(checked, options.signal);
    return stream === undefined ? this.#connectByHelper(checked, options.signal) : connectionOver(stream);
  }

  async #connectByHelper(port: number, signal: AbortSignal | undefined): Promise<RunnerConnection> {
    const connection = new PortConnection(this.#connection, port, signal);
    await connection.connected;
    return connection;
  }

  /** Stops listening; connections under way end with the session. */
  async close(): Promise<void> {
    this.#dialler.close();
    await this.#exposed.closeAll();
  }
}
