// Another process than the one that passes connections on, as a browser would be: serves on a port, and asks through another one.
import { Agent, createServer, get } from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";

const requestsAtOnce = 32;

const server = createServer((_request, response) => response.end("ok"));
const agent = new Agent({ keepAlive: true, maxSockets: requestsAtOnce });
server.listen(0, "127.0.0.1", () => process.send?.({ port: (server.address() as AddressInfo).port }));

process.on("message", ({ port, requests }: { readonly port: number; readonly requests: number }) => {
  let left = requests;
  void Promise.all(
    Array.from({ length: requestsAtOnce }, async () => {
      while ((left -= 1) >= 0) await request(port);
    }),
  ).then(
    () => process.send?.({ done: true }),
    (error: unknown) => process.send?.({ failed: String(error) }),
  );
});

function request(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    get({ host: "127.0.0.1", port, agent }, (response) => {
      response.resume();
      response.once("end", () => resolve());
    }).once("error", reject);
  });
}
