import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { generateKey } from "../../support/sshd/ssh-keys.js";
import { Findings } from "../findings.js";
import type { HostileResult } from "./client.js";

const maxGrowth = 64 * 1_048_576;
const clients = 3;
// By its whole name: the programs are started in directories of their own.
const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
const options = ["--conditions=@mooring/source", "--import", tsx, "--expose-gc"];

interface Listed {
  readonly name: string;
  readonly kind: "raw" | "ssh" | "frames";
  readonly port: number;
}

export interface HostileOutcome {
  readonly findings: Findings;
  readonly results: readonly HostileResult[];
  readonly mostGrownBytes: number;
}

/** Meets hostile servers with every call of the contract: those named, or all. */
export async function runHostile(
  only: readonly string[] | undefined,
  onResult: (result: HostileResult) => void = () => {},
): Promise<HostileOutcome> {
  const directory = await mkdtemp(join(tmpdir(), "mooring-hostile-"));
  const findings = new Findings();
  const results: HostileResult[] = [];
  const overThere = join(directory, "over-there");
  const root = join(overThere, "work");
  await mkdir(root, { recursive: true });
  await writeFile(join(root, "there"), "a line\n".repeat(50_000));
  const key = await generateKey(directory, "key");
  const server = program("../../support/hostile-ssh-server/main.ts", [key.file, overThere], overThere);
  const lines = createInterface({ input: stdoutOf(server) })[Symbol.asyncIterator]();
  try {
    const servers = (JSON.parse((await lines.next()).value ?? "[]") as Listed[]).filter(
      ({ name }) => only?.includes(name) ?? true,
    );
    await Promise.all(
      Array.from({ length: clients }, async (_, index) => {
        const home = join(directory, `client-${index}`);
        await mkdir(home);
        const own = servers.filter((_server, position) => position % clients === index);
        for await (const result of meetAll(own, [key.fingerprint, key.file, root], home)) {
          results.push(result);
          judge(findings, result);
          onResult(result);
        }
      }),
    );
    await noteWrites(findings, directory);
    const missed = servers.filter(({ name }) => !results.some((result) => result.name === name));
    for (const { name } of missed) findings.violation(`${name}: the client did not outlive it`);
    for (const { name, kind } of servers) await noteTaken(findings, server, lines, name, kind);
  } finally {
    server.stdin?.end();
    await once(server, "close");
    await rm(directory, { recursive: true, force: true });
  }
  return { findings, results, mostGrownBytes: Math.max(0, ...results.map(({ grownBytes }) => grownBytes)) };
}

function judge(findings: Findings, { name, violations, calls, slowestMs, grownBytes }: HostileResult): void {
  findings.rounds += 1;
  findings.calls += calls;
  findings.slowestMs = Math.max(findings.slowestMs, slowestMs);
  for (const violation of violations) findings.violation(`${name}: ${violation}`);
  if (grownBytes > maxGrowth) findings.violation(`${name}: memory grew by ${Math.round(grownBytes / 1_048_576)} MiB`);
}

async function* meetAll(
  servers: readonly Listed[],
  args: readonly string[],
  home: string,
): AsyncGenerator<HostileResult> {
  const client = program("client.ts", [JSON.stringify(servers), ...args], home);
  for await (const line of createInterface({ input: stdoutOf(client) })) yield JSON.parse(line) as HostileResult;
  if (client.exitCode === null && client.signalCode === null) await once(client, "exit");
}

/** Whatever a client may write lies in the directory that it downloads to. */
async function noteWrites(findings: Findings, directory: string): Promise<void> {
  const expected = new Set(["key", "key.pub", "over-there"]);
  for (const entry of await readdir(directory)) {
    if (expected.has(entry)) continue;
    if (!/^client-\d$/.test(entry)) findings.violation(`written locally: ${entry}`);
    else
      for (const name of await readdir(join(directory, entry))) {
        if (name !== "target") findings.violation(`written locally: ${entry}/${name}`);
      }
  }
}

async function noteTaken(
  findings: Findings,
  server: ChildProcess,
  lines: AsyncIterator<string>,
  name: string,
  kind: Listed["kind"],
): Promise<void> {
  if (kind === "raw") return;
  server.stdin?.write(`${name}\n`);
  const { taken } = JSON.parse(((await lines.next()) as { value?: string }).value ?? "{}") as { taken?: number };
  if (taken !== 0) findings.violation(`${name}: the client took ${taken} channels that it did not ask for`);
}

function program(file: string, args: readonly string[], home: string): ChildProcess {
  const child = spawn(process.execPath, [...options, new URL(file, import.meta.url).pathname, ...args], {
    cwd: home,
    env: { PATH: process.env["PATH"] ?? "", HOME: home, TMPDIR: home, TSX_DISABLE_CACHE: "1" },
    stdio: ["pipe", "pipe", process.env["MOORING_TEST_VERBOSE"] === undefined ? "ignore" : "inherit"],
  });
  child.stdin?.on("error", () => {});
  return child;
}

function stdoutOf(child: ChildProcess): NodeJS.ReadableStream {
  if (child.stdout === null) throw new Error("Expected a pipe");
  return child.stdout;
}
