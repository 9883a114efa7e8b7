import { execFile, spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { serveScope } from "./scope-registry.js";

const run = promisify(execFile);
const repository = fileURLToPath(new URL("../..", import.meta.url));
const packages = ["@mooring/api", "@mooring/provider-kit", "@mooring/conformance", "@mooring/create-provider"];
const stepMs = 600_000;

interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** What one command of the user took and said. */
export interface Step {
  readonly command: string;
  readonly exitCode: number;
  readonly output: string;
  readonly durationMs: number;
}

/** Somebody with a directory, an npm that knows our packages as packed from this repository, and nothing else. */
export interface NewUser extends AsyncDisposable {
  readonly directory: string;
  /** Runs a line of a shell in the directory where the last one ended up: the printed `cd` counts. */
  type(line: string): Promise<Step>;
  /** Goes back to where it began. */
  home(): void;
}

/** @param emptyCache whether npm has nothing of other packages yet, and fetches all. @default false */
export async function newUser({ emptyCache = false } = {}): Promise<NewUser> {
  const directory = await mkdtemp(join(tmpdir(), "mooring-new-user-"));
  const tarballs = join(directory, "tarballs");
  const home = join(directory, "home");
  const cache = join(directory, "cache");
  for (const path of [tarballs, home, cache]) await mkdir(path);
  const workspaces = packages.flatMap((name) => ["--workspace", name]);
  await run("npm", ["pack", ...workspaces, "--pack-destination", tarballs], { cwd: repository });
  if (!emptyCache) {
    // Our own packages change under one version: what `npm create` unpacks must not be an earlier run's.
    const known = join(await npmConfig("cache"), "_cacache");
    await mkdir(known, { recursive: true });
    await symlink(known, join(cache, "_cacache"));
  }
  const registry = await serveScope(tarballs);
  const userConfig = join(directory, "npmrc");
  await writeUserConfig(userConfig, registry.url);
  const env: NodeJS.ProcessEnv = {
    ...withoutOurRun(process.env),
    NO_COLOR: "1",
    npm_config_cache: cache,
    npm_config_userconfig: userConfig,
    // npm asks whether it may fetch what it is to run, and takes silence for a no.
    npm_config_yes: "true",
    npm_config_update_notifier: "false",
  };
  let cwd = home;
  return {
    directory: home,
    home() {
      cwd = home;
    },
    async type(line) {
      const started = performance.now();
      const marker = "where-the-user-is:";
      const script = `${line}\ncode=$?; printf '\\n${marker}%s' "$(pwd)"; exit $code`;
      const { stdout, stderr, exitCode } = await outcome(script, cwd, env);
      const at = stdout.lastIndexOf(`\n${marker}`);
      if (at >= 0) cwd = stdout.slice(at + marker.length + 1);
      const output = `${at >= 0 ? stdout.slice(0, at) : stdout}${stderr}`;
      return { command: line, exitCode, output, durationMs: performance.now() - started };
    },
    async [Symbol.asyncDispose]() {
      await registry[Symbol.asyncDispose]();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Runs a script to its end. One that takes too long is killed with all that it started. */
async function outcome(script: string, cwd: string, env: NodeJS.ProcessEnv): Promise<Outcome> {
  const child = spawn("/bin/sh", ["-c", script], { cwd, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const timer = setTimeout(() => process.kill(-(child.pid ?? 0), "SIGKILL"), stepMs);
  const exitCode = new Promise<number>((resolve, reject) => {
    child.once("exit", (code) => resolve(code ?? 1));
    child.once("error", reject);
  });
  try {
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    return { stdout, stderr, exitCode: await exitCode };
  } finally {
    clearTimeout(timer);
  }
}

/** What npm and vitest put into the environment of this very run is none of a user's; how the network is reached is. */
function withoutOurRun(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const ours = /^(npm_|INIT_CWD$|NODE_|VITEST|TEST$|MOORING_)/i;
  const network = /^(npm_config_(registry|cafile|ca|proxy|https_proxy|noproxy|strict_ssl)|NODE_EXTRA_CA_CERTS)$/i;
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !ours.test(name) || network.test(name)));
}

/** The user's own configuration of npm, and where our packages come from. Not a variable: its name is none that a shell hands on. */
async function writeUserConfig(file: string, registry: string): Promise<void> {
  const own = await readFile(await npmConfig("userconfig"), "utf8").catch(() => "");
  await writeFile(file, `${own}\n@mooring:registry=${registry}\n`);
}

async function npmConfig(key: string): Promise<string> {
  const { stdout } = await run("npm", ["config", "get", key], { cwd: repository });
  return stdout.trim();
}
