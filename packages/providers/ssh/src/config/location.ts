import type { RunnerDestination } from "@mooring/api";
import { expected } from "@mooring/provider-kit";
import { hostText, parseHostText } from "./host-text.js";
import type { SshConfig } from "./ssh-config.js";

const scheme = "ssh://";

/**
 * Reads `ssh://[user@]host[:port]/directory`; `ssh://host/~/app` lies in the user's home there, and `ssh://host` is that home.
 * `undefined` for any other scheme.
 */
export function parseSshLocation(location: string): RunnerDestination<SshConfig> | undefined {
  if (!location.startsWith(scheme)) return undefined;
  const rest = location.slice(scheme.length);
  const slash = rest.indexOf("/");
  const authority = decoded(slash === -1 ? rest : rest.slice(0, slash), location);
  const path = decoded(slash === -1 ? "/~" : rest.slice(slash), location);
  if (authority === "" || /[\0\r\n]/.test(path)) throw wrong(location);
  const host = parseHostText("location", authority);
  const root = /^\/~(?:\/|$)/.test(path) ? path.slice(1).replace(/(?<=.)\/+$/, "") : path;
  return {
    id: `${scheme}${hostText(host)}${root.startsWith("~") ? `/${root}` : root}`,
    providerId: "ssh",
    config: { ...host, root },
    defaultManifest: { entries: [], mounts: [] },
  };
}

function decoded(text: string, location: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw wrong(location);
  }
}

function wrong(location: string): Error {
  return expected("location", "ssh://[user@]host[:port]/directory, such as ssh://dev@build-box/srv/app", location);
}
