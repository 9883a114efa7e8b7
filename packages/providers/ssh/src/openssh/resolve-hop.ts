import { homedir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { SshJump } from "../config/ssh-config.js";
import { expandPath, expandTokens, type PathTokens } from "./expand-path.js";
import type { HostSettings } from "./host-settings.js";
import type { IdentityFile, SshHop } from "./ssh-hop.js";

/** In the order in which they are tried. */
const usualIdentities = ["id_rsa", "id_ecdsa", "id_ed25519"];

/** What the destination says of a machine, and where it is silent the OpenSSH configuration, and then what is usual. */
export function resolveHop(given: SshJump, settings: HostSettings, localUser: string): SshHop {
  const user = given.user ?? settings.first("user") ?? localUser;
  const port = given.port ?? numberOf(settings.first("port")) ?? 22;
  const bare = { alias: given.host, host: given.host, port, user, localUser };
  const host = expandTokens(settings.first("hostname") ?? "%h", bare);
  const tokens: PathTokens = { ...bare, host };
  const named = listOf(given.identityFile) ?? nonEmpty(settings.all("identityfile"));
  const isPinned = given.identityFile !== undefined;
  return {
    host,
    port,
    user,
    hostKeyAlias: settings.first("hostkeyalias"),
    knownHostsFiles: knownHostsFiles(given, settings, tokens),
    pinnedKeys: listOf(given.hostKey) ?? [],
    trustsOnFirstUse: (given.hostKeyPolicy ?? policyOf(settings)) === "trust-on-first-use",
    identities: identitiesOf(named, tokens, isPinned),
    certificates: filesOf(listOf(given.certificateFile) ?? settings.all("certificatefile"), tokens, true),
    agent: agentOf(given.identityAgent ?? settings.first("identityagent"), tokens),
    // What the destination names is all that is meant, unless it names the agent, too.
    identitiesOnly: isPinned ? given.identityAgent === undefined : settings.first("identitiesonly") === "yes",
    passphrase: given.passphrase,
    password: given.password,
  };
}

function identitiesOf(named: readonly string[] | undefined, tokens: PathTokens, isNamed: boolean): IdentityFile[] {
  if (named === undefined) {
    return usualIdentities.map((name) => ({ path: join(homedir(), ".ssh", name), isNamed: false }));
  }
  return filesOf(
    named.filter((path) => path.toLowerCase() !== "none"),
    tokens,
    isNamed,
  );
}

function filesOf(paths: readonly string[], tokens: PathTokens, isNamed: boolean): IdentityFile[] {
  return paths.map((path) => ({ path: expandPath(path, tokens), isNamed }));
}

function knownHostsFiles(given: SshJump, settings: HostSettings, tokens: PathTokens): string[] {
  const own = listOf(given.knownHostsFile) ??
    settings.list("userknownhostsfile") ?? ["~/.ssh/known_hosts", "~/.ssh/known_hosts2"];
  // The machine's files are read besides: what they revoke stays revoked.
  const machine = settings.list("globalknownhostsfile") ?? ["/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"];
  return [...own, ...machine].filter((path) => path.toLowerCase() !== "none").map((path) => expandPath(path, tokens));
}

/** What `ssh` would ask a person about is refused here: nobody sits there. Nothing makes it less strict than `known`. */
function policyOf(settings: HostSettings): "known" | "trust-on-first-use" {
  return settings.first("stricthostkeychecking")?.toLowerCase() === "accept-new" ? "trust-on-first-use" : "known";
}

function agentOf(named: string | undefined, tokens: PathTokens): string | undefined {
  if (named?.toLowerCase() === "none") return undefined;
  const variable = named === undefined || named === "SSH_AUTH_SOCK" ? "SSH_AUTH_SOCK" : /^\$(\w+)$/.exec(named)?.[1];
  if (variable !== undefined) return process.env[variable] || undefined;
  return expandPath(named ?? "", tokens);
}

function numberOf(text: string | undefined): number | undefined {
  const number = Number(text);
  return Number.isInteger(number) && number >= 1 && number <= 65_535 ? number : undefined;
}

function listOf(value: string | readonly string[] | undefined): readonly string[] | undefined {
  return typeof value === "string" ? [value] : value;
}

function nonEmpty(list: readonly string[]): readonly string[] | undefined {
  return list.length === 0 ? undefined : list;
}
