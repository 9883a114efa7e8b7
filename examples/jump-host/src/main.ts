// Work on a machine that only another one can reach, as `ssh -J` does:
//
//   npm start --workspace examples/jump-host -- --through bastion ssh://dev@inner-box/srv/app
//
// Keys, known hosts and aliases are those of ~/.ssh, or what the options name.
import process from "node:process";
import { parseArgs } from "node:util";
import { ssh } from "@mooring/ssh";

const usage =
  "Usage: npm start -- --through [user@]host[:port][,...] [--identity file] [--known-hosts file] ssh://host/directory\n";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    through: { type: "string" },
    identity: { type: "string" },
    "known-hosts": { type: "string" },
  },
});
const [location] = positionals;
if (location === undefined || values.through === undefined) {
  process.stderr.write(usage);
  process.exitCode = 2;
} else {
  await lookAround(location, values.through);
}

async function lookAround(target: string, through: string): Promise<void> {
  const provider = ssh();
  const parsed = provider.parseLocation?.(target);
  if (parsed === undefined) throw new Error(`Expected a location such as ssh://host/directory, got ${target}`);
  const { identity: identityFile, "known-hosts": knownHostsFile } = values;
  const jumps = through.split(",").map((text) => ({ ...hostOf(text), identityFile, knownHostsFile }));

  await using session = await provider.createSession({
    ...parsed,
    config: { ...parsed.config, identityFile, knownHostsFile, proxyJump: jumps },
  });
  await session.files.write("hello.txt", "Hello from the other side.\n");
  const { stdout } = await session.commands.run({ script: "cat hello.txt; rm hello.txt; uname -s" });
  process.stdout.write(`${session.description}\n${stdout.text()}`);
}

function hostOf(text: string): { host: string; user?: string; port?: number } {
  const { groups } = /^(?:(?<user>[^@]+)@)?(?<host>[^:]+)(?::(?<port>\d+))?$/.exec(text) ?? {};
  if (groups?.["host"] === undefined) throw new Error(`Expected a jump host such as user@host:22, got ${text}`);
  const { user, host, port } = groups;
  return { host, ...(user && { user }), ...(port && { port: Number(port) }) };
}
