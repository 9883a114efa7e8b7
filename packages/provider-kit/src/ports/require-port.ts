import { expected } from "../errors/expected.js";

/** A TCP port, or `invalid_request`. */
export function requirePort(port: unknown): number {
  if (typeof port === "number" && Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw expected("port", "a whole number from 1 to 65535", port);
}
