import { homedir, userInfo } from "node:os";
import { join } from "node:path";
import { RunnerError } from "@mooring/api";
import { parseHostText } from "../config/host-text.js";
import type { SshConfig, SshJump } from "../config/ssh-config.js";
import { type ConfigLine, readConfigLines } from "./config-lines.js";
import { type HostSettings, settingsFor } from "./host-settings.js";
import { resolveHop } from "./resolve-hop.js";
import type { SshHop, SshRoute } from "./ssh-hop.js";

const mostHops = 16;

/** Puts a destination and the OpenSSH configuration together. Reads files, and connects to nothing. */
export async function resolveRoute(config: SshConfig): Promise<SshRoute> {
  const lines = await configLines(config.configFile);
  const localUser = userInfo().username;
  const settingsOf = (jump: SshJump): HostSettings =>
    settingsFor(lines, { alias: jump.host, user: jump.user, localUser });
  const settings = settingsOf(config);
  const hops: SshHop[] = [resolveHop(config, settings, localUser)];
  let pending = jumpsOf(config.proxyJump, settings, config.host);
  // The way to the nearest one may have a way of its own, by the configuration; as with `ssh`, only the first's counts.
  while (pending.length > 0) {
    const ways = pending.map((jump) => ({ jump, settings: settingsOf(jump) }));
    hops.unshift(...ways.map((way) => resolveHop(way.jump, way.settings, localUser)));
    if (hops.length > mostHops)
      throw unsupported(`The way to ${config.host} leads through more than ${mostHops} machines`);
    const [nearest] = ways;
    pending = nearest === undefined ? [] : jumpsOf(undefined, nearest.settings, nearest.jump.host);
  }
  return {
    hops,
    connectTimeoutMs: config.connectTimeoutMs ?? secondsOf(settings.first("connecttimeout")) ?? 20_000,
    keepaliveIntervalMs: config.keepaliveIntervalMs ?? 5_000,
  };
}

async function configLines(configFile: string | false | undefined): Promise<ConfigLine[]> {
  if (configFile === false) return [];
  if (configFile !== undefined) return readConfigLines(configFile.replace(/^~(?=\/)/, homedir()), { required: true });
  const own = await readConfigLines(join(homedir(), ".ssh", "config"));
  return [...own, ...(await readConfigLines("/etc/ssh/ssh_config"))];
}

/** `undefined` leaves it to the configuration, where a program that would connect is refused: none is run. */
function jumpsOf(given: SshConfig["proxyJump"], settings: HostSettings, host: string): SshJump[] {
  if (given !== undefined) return listOf(given).map((jump) => (typeof jump === "string" ? hostOf(jump) : jump));
  const jump = settings.first("proxyjump");
  if (jump !== undefined) return listOf(jump).map((each) => (typeof each === "string" ? hostOf(each) : each));
  const command = settings.list("proxycommand")?.join(" ");
  if (command === undefined || command.toLowerCase() === "none") return [];
  throw unsupported(
    `The OpenSSH configuration reaches ${host} by a \`ProxyCommand\`, and no local program is run: use \`ProxyJump\`, or set \`proxyJump\` (\`none\` for straight)`,
  );
}

function listOf(jumps: NonNullable<SshConfig["proxyJump"]>): readonly (string | SshJump)[] {
  if (typeof jumps !== "string") return jumps;
  return jumps.toLowerCase() === "none" ? [] : jumps.split(",").map((jump) => jump.trim());
}

function hostOf(text: string): SshJump {
  return parseHostText("proxyJump", text.replace(/^ssh:\/\//, ""));
}

function secondsOf(text: string | undefined): number | undefined {
  const seconds = Number(text);
  return Number.isInteger(seconds) && seconds > 0 ? seconds * 1_000 : undefined;
}

function unsupported(message: string): RunnerError {
  return new RunnerError("unsupported", message, {
    provider: "ssh",
    resource: "destination",
    retryable: false,
    phase: "before_start",
  });
}
