import { randomBytes, timingSafeEqual } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { ServiceProcess } from "./service-process.js";

export interface ExampleService extends AsyncDisposable {
  readonly url: string;
  readonly token: string;
  /** Breaks the connections of one process, as a fault would; `pid` is its own, or that of one that it started. */
  cut(pid: number): Promise<void>;
}

type Answer = (status: number, body?: unknown) => void;

/**
 * A small service that starts processes on this machine, for the tests: on loopback, for whoever has its random token.
 *
 * | request | answer |
 * | --- | --- |
 * | `GET /` | 204 |
 * | `PUT /processes/<id>` with `{ "argv": [...] }` | 201; 404 when there is no such program |
 * | `GET /processes/<id>/stdout`, `/stderr` | 200 and the stream. It ends with the process's; a reader that leaves ends the input |
 * | `POST /processes/<id>/stdin?offset=<n>` with bytes | 200 `{ "taken": <n> }`, within 5 s; 410 when nobody reads any more |
 * | `DELETE /processes/<id>/stdin` | 204: end of file |
 * | `GET /processes/<id>/exit` | within 10 s 200 `{ "code", "signal" }`, or 204: it runs on |
 * | `DELETE /processes/<id>` | 204: it is killed if it lives, and forgotten |
 */
export async function startExampleService(environment: Readonly<Record<string, string>>): Promise<ExampleService> {
  const token = randomBytes(24).toString("base64url");
  const processes = new Map<string, ServiceProcess>();

  async function route(request: IncomingMessage, response: ServerResponse, answer: Answer): Promise<void> {
    const url = new URL(request.url ?? "/", "http://service");
    const [, id = "", part = "process"] = /^\/processes\/([0-9a-f-]{36})(?:\/(\w+))?$/.exec(url.pathname) ?? [];
    const process = processes.get(id);
    switch (`${request.method} ${id === "" ? url.pathname : part}`) {
      case "GET /":
        return answer(204);
      case "PUT process": {
        const { argv } = JSON.parse((await buffer(request)).toString()) as { argv: string[] };
        const started = process ?? (await ServiceProcess.start(argv, environment));
        if (started === undefined) return answer(404);
        processes.set(id, started);
        return answer(201);
      }
      case "DELETE process":
        process?.kill();
        processes.delete(id);
        return answer(204);
      case "GET stdout":
      case "GET stderr":
        if (process === undefined) return answer(404);
        return process.pipe(part as "stdout" | "stderr", response);
      case "POST stdin": {
        const taken = await process?.write(Number(url.searchParams.get("offset")), await buffer(request));
        return taken === undefined ? answer(410) : answer(200, { taken });
      }
      case "DELETE stdin":
        process?.endInput();
        return answer(204);
      case "GET exit": {
        if (process === undefined) return answer(404);
        const exit = await process.exitWithin(10_000);
        return exit === undefined ? answer(204) : answer(200, exit);
      }
      default:
        return answer(404);
    }
  }

  const server = createServer((request, response) => {
    const answer: Answer = (status, body) => {
      response.writeHead(status).end(body === undefined ? undefined : JSON.stringify(body));
    };
    if (!isAuthorized(request, token)) return answer(401);
    route(request, response, answer).catch(() => {
      if (response.headersSent) response.destroy();
      else answer(500);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token,
    async cut(pid) {
      const known = new Map([...processes.values()].map((process) => [process.pid, process]));
      let at = pid;
      while (!known.has(at) && at > 1) at = await parentOf(at);
      known.get(at)?.cut();
    },
    async [Symbol.asyncDispose]() {
      for (const process of processes.values()) process.kill();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function parentOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
}

function isAuthorized(request: IncomingMessage, token: string): boolean {
  const given = Buffer.from(request.headers.authorization ?? "");
  const expected = Buffer.from(`Bearer ${token}`);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
