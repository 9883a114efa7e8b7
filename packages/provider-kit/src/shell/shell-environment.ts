import { unsupported } from "../errors/expected.js";
import type { ShellTools } from "./shell-place.js";
import { latin1, latin1FromText, quoted } from "./shell-source.js";

const identifier = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Where programs are looked for when the command's environment has no PATH. */
const defaultSearch = "/usr/local/bin:/usr/bin:/bin";

/**
 * Names to which a shell gives a meaning when they are assigned, or that it does not let go. `env` sets them, so their values stand
 * in an argument list for a moment; none of them holds a secret.
 */
const shellNames =
  /^(?:_|BASHOPTS|BASHPID|BASH_[A-Z]+|COMP_[A-Z]+|DIRSTACK|EPOCH[A-Z]+|EUID|FUNCNAME|GROUPS|HISTCMD|LINENO|OPTARG|OPTERR|OPTIND|PIPESTATUS|PPID|RANDOM|SECONDS|SHELLOPTS|SHLVL|SRANDOM|UID)$/;

/** A command's whole environment: the session's, then the request's, the last one of a name counting. All latin1. */
export function mergedEnvironment(
  session: ReadonlyMap<string, string>,
  request: readonly Uint8Array[],
): Map<string, string> {
  const merged = new Map<string, string>();
  for (const [name, value] of session) merged.set(latin1FromText(name), latin1FromText(value));
  for (const variable of request) {
    const text = latin1(variable);
    const split = text.indexOf("=");
    merged.set(text.slice(0, split), text.slice(split + 1));
  }
  for (const name of merged.keys()) {
    if (identifier.test(name)) continue;
    throw unsupported(
      `Expected the names of \`env\` to be letters, digits and _ (a shell on the runner sets them), got \`${Buffer.from(name, "latin1").toString()}\``,
      { operation: "commands.start", resource: "command", details: { option: "env" } },
    );
  }
  return merged;
}

/** What shells keep for themselves, and is stale in a command. */
const shellsOwn = ["_", "PWD", "OLDPWD", "SHLVL"];

/** What a command gets of the environment that its shell was started with: nothing, or all but these names. */
export type InheritedEnvironment = { readonly except: readonly string[] } | undefined;

/** The command's search path; `undefined` is the one that its shell was started with. */
export function searchPath(
  environment: ReadonlyMap<string, string>,
  inherited: InheritedEnvironment,
): string | undefined {
  return environment.get("PATH") ?? (inherited === undefined ? defaultSearch : undefined);
}

/** The line that gives the command exactly this environment and becomes it. */
export function executeSource(
  environment: ReadonlyMap<string, string>,
  tools: ShellTools,
  program: string,
  redirections: string,
  inherited: InheritedEnvironment,
): string {
  const exported: string[] = [];
  const special: string[] = [];
  for (const [name, value] of environment) {
    if (shellNames.test(name)) special.push(quoted(`${name}=${value}`));
    else exported.push(`${name}=${quoted(value)}`);
  }
  const settings = exported.length === 0 ? "" : `export ${exported.join(" ")};`;
  const search = environment.has("PATH") || inherited !== undefined ? "" : `PATH=${defaultSearch};`;
  const forget =
    inherited === undefined
      ? "forget_environment '*'"
      : `forget_environment ${[...shellsOwn, ...inherited.except].map(quoted).join(" ")}; restore_login_environment`;
  return `{ ${forget}; ${search} ${settings} } 2>/dev/null; exec ${cleaner(tools, special, program)} "$@" ${redirections}`;
}

/** bash adds `_` and SHLVL to what it executes, and passes on what it cannot name. */
function cleaner(tools: ShellTools, special: readonly string[], program: string): string {
  const removed = tools.isBash ? ["_", "SHLVL", "SHELLOPTS", "BASHOPTS", ...tools.oddNames] : [];
  if (removed.length === 0 && special.length === 0) return tools.endsOptions ? "--" : "";
  if (tools.env === undefined) throw unsupported("This place has no `env`, which the command's environment needs");
  if (program.includes("=")) throw unsupported("A program with = in its name cannot be started by this shell");
  return [quoted(tools.env), ...removed.map((name) => `-u ${quoted(name)}`), "--", ...special].join(" ");
}
