import type { RunnerConnection } from "@mooring/api";
import { type Check, needsAll, needsCommands, needsMode } from "../../check.js";
import type { CheckContext } from "../../check-context.js";
import { collectBytes, decode, everyByte } from "../../support/collect.js";
import { within } from "../../support/deadline.js";
import { portServer } from "../../support/port-server.js";
import { readFirst } from "../process/endings.js";

const needsConnect = needsAll(needsCommands, needsMode("ports", "connect", "stream"));
const needsExpose = needsAll(needsCommands, needsMode("ports", "expose", "url"));

/** Starts a server in the session. */
async function serve(context: CheckContext): Promise<number> {
  const request = portServer(context.tools) ?? context.skip("the place has neither perl nor python3 to serve with");
  const command = await context.session.commands.start({ ...request, graceMs: 0 });
  context.afterwards(() => command.cancel({ graceMs: 0 }));
  return Number(/port (\d+)/.exec(await readFirst(context, command))?.[1]);
}

/** A port of the runner on which nothing listens: one that a server has just left. */
async function deadPort(context: CheckContext): Promise<number> {
  const request = portServer(context.tools) ?? context.skip("the place has neither perl nor python3 to serve with");
  const command = await context.session.commands.start({ ...request, graceMs: 0 });
  const port = Number(/port (\d+)/.exec(await readFirst(context, command))?.[1]);
  await command.cancel({ graceMs: 0 });
  return port;
}

async function send(connection: RunnerConnection, text: string): Promise<void> {
  const writer = connection.writable.getWriter();
  await writer.write(new TextEncoder().encode(text));
  writer.releaseLock();
}

export const portChecks: readonly Check[] = [
  {
    id: "ports.connect-is-a-dialogue",
    title: "A connection to a port of the runner carries bytes both ways, exactly, and ends when the server ends it",
    needs: needsConnect,
    tools: ["sh"],
    async run(context) {
      const port = await serve(context);
      const connection = await context.session.ports.connect(port);
      context.afterwards(async () => await connection[Symbol.asyncDispose]());
      await send(connection, "hello\n");
      const reader = connection.readable.getReader();
      const first = await within(5_000 * context.slowness, reader.read());
      context.equal(
        "the answer",
        first === "late" ? "late" : decode(first.value.value ?? new Uint8Array()),
        "echo: hello\n",
      );
      reader.releaseLock();
      await send(connection, "bytes\n");
      const rest = await context.settles("the connection to end", collectBytes(connection.readable), 5_000);
      context.bytes("all 256 byte values", rest, everyByte());
    },
  },
  {
    id: "ports.connect-many",
    title: "Twenty connections at once do not mix",
    needs: needsConnect,
    tools: ["sh"],
    async run(context) {
      const port = await serve(context);
      const answers = await Promise.all(
        Array.from({ length: 20 }, async (_, index) => {
          await using connection = await context.session.ports.connect(port);
          await send(connection, `number ${index}\n`);
          const { value } = await connection.readable.getReader().read();
          return decode(value ?? new Uint8Array());
        }),
      );
      context.equal(
        "the answers",
        answers,
        answers.map((_, index) => `echo: number ${index}\n`),
      );
    },
  },
  {
    id: "ports.connect-nothing-listens",
    title:
      "Connecting to a port where nothing listens is `unavailable`; a number that is no port is an invalid request",
    needs: needsConnect,
    tools: ["sh"],
    async run(context) {
      for (const port of [0, -1, 65_536, 1.5, Number.NaN]) {
        await context.rejects(`port ${port}`, () => context.session.ports.connect(port), "invalid_request");
      }
      const port = await deadPort(context);
      await context.rejects("a port that a server has left", () => context.session.ports.connect(port), "unavailable");
    },
  },
  {
    id: "ports.expose-is-reachable",
    title: "An exposed port answers from here at its url, is listed, and is closed without touching its server",
    needs: needsExpose,
    tools: ["sh"],
    async run(context) {
      const port = await serve(context);
      const { ports } = context.session;
      const exposed = await ports.expose({ port, label: "web", readiness: { timeoutMs: 5_000 } });
      context.that(
        "a url without a trailing slash",
        exposed.url !== undefined && !exposed.url.endsWith("/"),
        exposed.url,
      );
      context.equal("port and label", [exposed.port, exposed.label], [port, "web"]);
      const fetched = await fetch(`${exposed.url}/page`, { headers: { ...exposed.headers } });
      context.equal("what it answers", [fetched.status, await fetched.text()], [200, "hello"]);
      const again = await ports.expose({ port });
      context.equal("exposed again", again.url, exposed.url);
      context.equal(
        "the list",
        (await ports.list()).map((item) => item.port),
        [port],
      );
      await exposed.close();
      await exposed.close();
      context.equal("the list afterwards", await ports.list(), []);
      if (context.capabilities.ports.connect === "stream") {
        await using connection = await context.session.ports.connect(port);
        await send(connection, "still\n");
        const { value } = await connection.readable.getReader().read();
        context.equal("the server afterwards", decode(value ?? new Uint8Array()), "echo: still\n");
      }
    },
  },
  {
    id: "ports.expose-waits",
    title:
      "`expose` waits until the port accepts, and gives up with `timeout`; a number that is no port is an invalid request",
    needs: needsExpose,
    tools: ["sh"],
    async run(context) {
      const { ports } = context.session;
      for (const port of [0, 70_000, 1.5]) {
        await context.rejects(`port ${port}`, () => ports.expose({ port }), "invalid_request");
      }
      const port = await deadPort(context);
      await context.rejects(
        "a port that nobody serves",
        () => ports.expose({ port, readiness: { timeoutMs: 300 } }),
        "timeout",
      );
      context.equal("the list", await ports.list(), []);
    },
  },
];
