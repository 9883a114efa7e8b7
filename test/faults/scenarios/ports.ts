import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Scenario } from "../scenario.js";
import type { Stage } from "../stage.js";

/** Ports, dialled and exposed. What listens is ours and shared by nobody. */
export const portScenarios: readonly Scenario[] = [
  {
    name: "connect",
    run: (stage) =>
      withServer(stage, async (session, port) => {
        const connection = await stage.call("connect", () =>
          stage.signalled((options) => session.ports.connect(port, options)),
        );
        if (connection === undefined) return;
        const writer = connection.writable.getWriter();
        await stage.call("send", () => writer.write(Buffer.from("GET / HTTP/1.0\r\n\r\n")), { codes: ["ended"] });
        const reader = connection.readable.getReader();
        await stage.call("receive", async () => {
          // What a direct connection says and when is not the transport's doing.
          for (let read = await reader.read(); !read.done; read = await reader.read());
        });
        await stage.call("dispose of a connection", () => connection[Symbol.asyncDispose]());
      }),
  },
  {
    name: "expose",
    run: (stage) =>
      withServer(stage, async (session, port) => {
        const exposed = await stage.call(
          "expose",
          () => stage.signalled((options) => session.ports.expose({ port, readiness: { timeoutMs: 600 } }, options)),
          { codes: ["timeout"] },
        );
        await stage.call("list", () => session.ports.list());
        if (exposed === undefined) return;
        await stage.call("request", async () => {
          await fetch(exposed.url ?? "", { signal: AbortSignal.timeout(stage.callMs) })
            .then((response) => response.text())
            .catch(() => undefined);
        });
        await stage.call("close an exposed port", () => exposed.close());
      }),
  },
  {
    name: "connect-refused",
    run: (stage) =>
      stage.inSession(async (session) => {
        await stage.call("connect", () => stage.signalled((options) => session.ports.connect(1, options)), {
          codes: ["unavailable"],
        });
      }),
  },
];

async function withServer(
  stage: Stage,
  body: (session: Parameters<Parameters<Stage["inSession"]>[0]>[0], port: number) => Promise<void>,
): Promise<void> {
  const server = createServer((_request, response) => response.end("an answer"));
  const port = await listening(server);
  try {
    await stage.inSession((session) => body(session, port));
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}
