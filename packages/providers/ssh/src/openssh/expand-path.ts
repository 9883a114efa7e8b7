import { createHash } from "node:crypto";
import { homedir, hostname } from "node:os";
import { isAbsolute, join } from "node:path";
import process from "node:process";
import { RunnerError } from "@mooring/api";

/** What the percent signs in an OpenSSH setting may stand for. */
export interface PathTokens {
  readonly alias: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly localUser: string;
}

/** A path of the OpenSSH configuration: `~/`, `%h` and its like, `${NAME}`. Relative ones lie in the home. */
export function expandPath(path: string, tokens: PathTokens): string {
  const expanded = expandTokens(path, tokens).replaceAll(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_, name: string) => {
    const value = process.env[name];
    if (value === undefined) throw wrong(path, `there is no variable ${name}`);
    return value;
  });
  const absolute = expanded.replace(/^~(?=\/|$)/, homedir());
  return isAbsolute(absolute) ? absolute : join(homedir(), absolute);
}

/** The percent signs alone. */
export function expandTokens(text: string, tokens: PathTokens): string {
  return text.replaceAll(/%(.?)/g, (_, token: string) => {
    const value = valueOf(token, tokens);
    if (value === undefined) throw wrong(text, `%${token} is not known`);
    return value;
  });
}

function valueOf(token: string, { alias, host, port, user, localUser }: PathTokens): string | undefined {
  switch (token) {
    case "%":
      return "%";
    case "d":
      return homedir();
    case "h":
      return host;
    case "i":
      return String(process.getuid?.() ?? "");
    case "k":
      return alias;
    case "l":
      return hostname();
    case "L":
      return hostname().split(".")[0] ?? "";
    case "n":
      return alias;
    case "p":
      return String(port);
    case "r":
      return user;
    case "u":
      return localUser;
    case "C":
      return createHash("sha1").update(`${hostname()}${host}${port}${user}`).digest("hex");
    default:
      return undefined;
  }
}

function wrong(text: string, reason: string): RunnerError {
  return new RunnerError("invalid_request", `The OpenSSH setting \`${text}\` cannot be expanded: ${reason}`, {
    provider: "ssh",
    resource: "destination",
    retryable: false,
    phase: "before_start",
  });
}
