import process from "node:process";

const passedOn: ReadonlySet<string> = new Set(["PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "TERM", "TZ"]);

/** What of our own environment commands may see: who and where the user is, and nothing that could be a secret. */
export function allowedEnvironment(): Record<string, string> {
  const allowed: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && (passedOn.has(name) || name.startsWith("LC_"))) allowed[name] = value;
  }
  return allowed;
}

/** The helper's own environment: the same, and where to keep its state. Commands are given theirs explicitly. */
export function helperEnvironment(path: string | undefined): Record<string, string> {
  const stateHome = process.env["XDG_STATE_HOME"];
  return {
    ...allowedEnvironment(),
    ...(stateHome === undefined ? {} : { XDG_STATE_HOME: stateHome }),
    ...(path === undefined ? {} : { PATH: path }),
  };
}
