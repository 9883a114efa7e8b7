import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import type { Account } from "./account.js";
import { freePort } from "./free-port.js";
import { descendantsOf, isAlive, killProcess, listProcesses, type ProcessEntry } from "./processes.js";
import { generateKey, type KeyType, type SshKey } from "./ssh-keys.js";
import { sshdConfig } from "./sshd-config.js";

/** Begins the name of every server's directory, with the number of the process that made it. */
export const serverPrefix = "mooring-sshd-";

export interface SshdOptions {
  /** @default ["ed25519"] */
  readonly hostKeyTypes?: readonly KeyType[];
  /** Lines of `sshd_config` that win over the stock ones. @default [] */
  readonly lines?: readonly string[];
}

/** OpenSSH's own server, stock but for its place: started by and for a test, on loopback. Disposal ends it and its sessions. */
export class Sshd implements AsyncDisposable {
  readonly host = "127.0.0.1";
  readonly port: number;
  /** For keys and whatever else belongs to it; removed with it. Other users can enter it. */
  readonly directory: string;
  readonly #lines: readonly string[];
  readonly #accountLines = new Map<string, readonly string[]>();
  #hostKeys: readonly SshKey[];
  #hostCertificates: readonly string[] = [];
  #listener: ChildProcess | undefined;
  #log: string[] = [];
  #generation = 0;
  /** Connections whose listener was stopped, and has left them to themselves. */
  #orphans: ProcessEntry[] = [];

  private constructor(directory: string, port: number, hostKeys: readonly SshKey[], lines: readonly string[]) {
    this.directory = directory;
    this.port = port;
    this.#hostKeys = hostKeys;
    this.#lines = lines;
  }

  static async start(options: SshdOptions = {}): Promise<Sshd> {
    // Where it separates its privileges; made by its start script where it has one.
    await mkdir("/run/sshd", { recursive: true });
    const directory = await mkdtemp(join(tmpdir(), `${serverPrefix}${process.pid}-`));
    await chmod(directory, 0o755);
    await mkdir(join(directory, "authorized-keys"));
    const { hostKeyTypes = ["ed25519"], lines = [] } = options;
    const hostKeys = await makeHostKeys(directory, "0", hostKeyTypes);
    for (let attempt = 0; ; attempt += 1) {
      const sshd = new Sshd(directory, await freePort(), hostKeys, lines);
      try {
        await sshd.listen();
        return sshd;
      } catch (error) {
        // Another took the port between our look and its start.
        if (attempt === 5) throw error;
      }
    }
  }

  /** The first is the one that a client that knows none is offered first. */
  get hostKeys(): readonly SshKey[] {
    return this.#hostKeys;
  }

  /** What it logged so far, a line each. */
  get log(): readonly string[] {
    return this.#log;
  }

  /** Lines for a file of known hosts, as a client that asked for this port would keep them. */
  knownHosts(name = this.host): string {
    return this.#hostKeys.map(({ publicKey }) => `[${name}]:${this.port} ${publicKey}\n`).join("");
  }

  /** Writes those lines into a file of its directory, and returns its path. */
  async knownHostsFile(text = this.knownHosts()): Promise<string> {
    const file = join(this.directory, `known-hosts-${(this.#generation += 1)}`);
    await writeFile(file, text);
    return file;
  }

  /** Lets the holder of a key in as this account. Lines for the account count for connections that come later. */
  async admit(account: Account, key: SshKey | undefined, lines: readonly string[] = []): Promise<void> {
    const keys = key === undefined ? "" : `${key.publicKey}\n`;
    await writeFile(join(this.directory, "authorized-keys", account.name), keys);
    if (lines.length === 0) return;
    this.#accountLines.set(account.name, lines);
    if (this.#listener !== undefined) await this.restart();
  }

  /** Serves with other keys from now on. */
  async replaceHostKeys(hostKeyTypes: readonly KeyType[] = ["ed25519"]): Promise<void> {
    this.#hostKeys = await makeHostKeys(this.directory, String((this.#generation += 1)), hostKeyTypes);
    await this.restart();
  }

  async serveHostCertificates(files: readonly string[]): Promise<void> {
    this.#hostCertificates = files;
    await this.restart();
  }

  /** Starts it again, at the same port, after `stop`. */
  async listen(): Promise<void> {
    const file = join(this.directory, "sshd_config");
    const config = {
      port: this.port,
      hostKeys: this.#hostKeys.map((key) => key.file),
      hostCertificates: this.#hostCertificates,
      authorizedKeys: join(this.directory, "authorized-keys"),
      lines: this.#lines,
      accountLines: this.#accountLines,
    };
    await writeFile(file, sshdConfig(config));
    // It must not outlive us, even when we are killed.
    const args = ["--pdeathsig", "KILL", "/usr/sbin/sshd", "-D", "-e", "-f", file];
    const listener = spawn("setpriv", args, { stdio: ["ignore", "ignore", "pipe"] });
    const lines = createInterface(listener.stderr);
    lines.on("line", (line) => this.#log.push(line));
    await new Promise<void>((resolve, reject) => {
      lines.on("line", (line) => {
        if (line.startsWith("Server listening on")) resolve();
      });
      listener.once("exit", () => reject(new Error(`sshd did not start: ${this.#log.join("; ")}`)));
      listener.once("error", reject);
    });
    this.#listener = listener;
  }

  /** Ends the listener; connections that are there live on. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    const listener = this.#listener;
    const connections = this.#served();
    this.#listener = undefined;
    if (listener === undefined || listener.exitCode !== null || listener.signalCode !== null) return;
    this.#orphans.push(...connections);
    const ended = once(listener, "exit");
    listener.kill(signal);
    await ended;
    // Those that live on hold the other end, and what they log is not waited for.
    listener.stderr?.destroy();
  }

  /** A new listener at the same port. Connections that are there live on. */
  async restart(): Promise<void> {
    await this.stop();
    await this.listen();
  }

  /** The process of each connection: of those that are not logged in yet, too. */
  connections(): number[] {
    return this.#served().map(({ pid }) => pid);
  }

  #served(): ProcessEntry[] {
    const pid = this.#listener?.pid;
    return pid === undefined ? [] : descendantsOf(pid).filter(({ parent }) => parent === pid);
  }

  /** The server's own processes of one connection, or of all: not what runs for the user below them. */
  serverProcesses(connection?: number): ProcessEntry[] {
    this.#orphans = this.#orphans.filter(isAlive);
    const roots =
      connection === undefined ? [...this.connections(), ...this.#orphans.map(({ pid }) => pid)] : [connection];
    const processes = listProcesses();
    return roots
      .flatMap((root) => [processes.get(root), ...descendantsOf(root, processes)])
      .filter((entry) => entry !== undefined)
      .filter(({ name }) => name === "sshd");
  }

  /** Kills the server's processes of one connection, or of all: nothing is said to the client. */
  killConnections(connection?: number): void {
    for (const { pid } of this.serverProcesses(connection)) killProcess(pid);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.killConnections();
    await this.stop();
    await rm(this.directory, { recursive: true, force: true });
  }
}

async function makeHostKeys(directory: string, prefix: string, types: readonly KeyType[]): Promise<SshKey[]> {
  return Promise.all(types.map((type) => generateKey(directory, `host-${prefix}-${type}`, { type })));
}
