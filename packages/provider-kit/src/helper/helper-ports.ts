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
import { requirePort } from "../ports/require-port.js";
import { call } from "./call.js";
import type { Connection } from "./connection.js";
import { PortConnection } from "./port-connection.js";

/** Ports of the far side: dialled by the helper, or directly where the transport says that they can be. */
export class HelperPorts implements RunnerPorts {
  readonly #connection: Connection;
  readonly #exposed: ExposedPorts;

  constructor(connection: Connection, directUrl: ((port: number) => string | undefined) | undefined) {
    this.#connection = connection;
    this.#exposed = new ExposedPorts({ directUrl, connect: (port) => this.connect(port) });
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
    const connection = new PortConnection(this.#connection, requirePort(port), options.signal);
    await connection.connected;
    return connection;
  }

  /** Stops listening; connections under way end with the session. */
  async close(): Promise<void> {
    await this.#exposed.closeAll();
  }
}
