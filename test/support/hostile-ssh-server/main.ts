// Hostile servers in a process of their own, one for each persona, so that what they hold is not counted as a client's.
// Arguments: the host key's file, and a directory for what clients run. Ends with its standard input.
import process from "node:process";
import { createInterface } from "node:readline";
import { startHostileServer } from "./hostile-server.js";
import { allPersonas } from "./personas/all-personas.js";

const [hostKeyFile = "", home = ""] = process.argv.slice(2);
// Clients hang up in the middle of anything, and `ssh2` does not expect servers to do what these do.
process.on("uncaughtException", (error) => process.stderr.write(`${String(error.stack)}\n`));
const servers = await Promise.all(allPersonas.map((persona) => startHostileServer(persona, hostKeyFile, home)));
tell(servers.map(({ persona, port }) => ({ name: persona.name, kind: persona.kind, port })));

const lines = createInterface({ input: process.stdin });
lines.on("line", (name) => tell(servers.find(({ persona }) => persona.name === name)?.counts));
lines.on("close", () => process.exit(0));

function tell(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
