import { Buffer } from "node:buffer";
import { createServer, type Server } from "node:net";
import { describe, expect, it } from "vitest";
import { collected, openTestPlace, testShells } from "../support/test-shells.js";

/** Answers with what it got, once the other side has said all. */
async function echoServer(): Promise<{ server: Server; port: number } & AsyncDisposable> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const chunks: Buffer[] = [];
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("end", () => socket.end(Buffer.concat(chunks)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    server,
    port: typeof address === "object" && address !== null ? address.port : 0,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

describe.each(testShells)("ports over $name", (shell) => {
  it.each([true, false])("are exposed and connected to (dialled directly: %s)", async (directUrl) => {
    await using echo = await echoServer();
    await using place = await openTestPlace(shell, { directUrl });
    const { ports } = place.far;
    if (place.capabilities.ports.connect === "none") {
      // No `nc` that is known, and no other way.
      expect(shell.applets).toBe(false);
      await expect(ports.connect(echo.port)).rejects.toMatchObject({ code: "unsupported" });
      await expect(ports.expose({ port: echo.port })).rejects.toMatchObject({ code: "unsupported" });
      return;
    }
    await using connection = await ports.connect(echo.port);
    const writer = connection.writable.getWriter();
    const bytes = Buffer.alloc(100_000, 5);
    await writer.write(bytes);
    await writer.close();
    expect(Buffer.concat(await collected(connection.readable)).equals(bytes)).toBe(true);
    const exposed = await ports.expose({ port: echo.port, label: "echo", readiness: { timeoutMs: 2_000 } });
    expect(exposed).toMatchObject({
      port: echo.port,
      label: "echo",
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    });
    expect(await ports.list()).toHaveLength(1);
    await exposed.close();
    expect(await ports.list()).toEqual([]);
  });

  it("that nobody listens on are unavailable, and not ready in time", async () => {
    await using echo = await echoServer();
    const { port } = echo;
    await echo[Symbol.asyncDispose]();
    await using place = await openTestPlace(shell);
    await expect(place.far.ports.connect(port)).rejects.toMatchObject({ code: "unavailable" });
    await expect(place.far.ports.expose({ port, readiness: { timeoutMs: 100 } })).rejects.toMatchObject({
      code: "timeout",
    });
    await expect(place.far.ports.connect(0)).rejects.toMatchObject({ code: "invalid_request" });
  });
});
