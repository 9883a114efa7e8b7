import process from "node:process";

/** What the command needs to do its work here: where programs are, who the user is, and how docker, kubectl and ssh log in. */
const passedOn: ReadonlySet<string> = new Set([
  "PATH",
  "HOME",
  "USER",
  "LOGNAME",
  "LANG",
  "SSH_AUTH_SOCK",
  "DOCKER_HOST",
  "DOCKER_CONTEXT",
  "DOCKER_CONFIG",
  "KUBECONFIG",
]);

/** Our own environment less everything that nobody needs: a key of the user's must not reach the place by accident. */
export function commandEnvironment(): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && passedOn.has(name)) environment[name] = value;
  }
  return environment;
}
