import { connect, type Socket } from "node:net";
import { reachError, slowError } from "./native-error.js";

/** A TCP connection on which small packets leave at once. */
export function dial(host: string, port: number, timeoutMs: number): Promise<Socket> {
  const where = `${host} port ${port}`;
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true });
    const timer = setTimeout(() => {
      socket.destroy();
      reject(slowError(where, "connecting", timeoutMs));
    }, timeoutMs);
    const onError = (cause: Error): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(reachError(where, cause));
    };
    socket.once("error", onError);
    socket.once("connect", () => {
      clearTimeout(timer);
      socket.off("error", onError);
      // Whoever uses it listens for himself; until then a reset must not be nobody's.
      socket.on("error", () => undefined);
      socket.setNoDelay(true);
      resolve(socket);
    });
  });
}
