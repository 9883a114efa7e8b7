import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, realpath, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import type { RunnerCapabilities } from "@mooring/api";
import type { FarSide, FarSideOptions } from "../../src/far-side/far-side.js";
import { openShellFarSide } from "../../src/shell/open.js";
import type { RunnerTransport, TransportExit, TransportProcess } from "../../src/transport.js";

/** A shell to test against, and the programs that it finds. */
export interface TestShell {
  readonly name: string;
  readonly argv: readonly string[];
  /** Only BusyBox's applets are on its PATH. */
  readonly applets: boolean;
}

const busybox = ["/bin/busybox", "/usr/bin/busybox"].find((file) => existsSync(file));

/** Those of dash, bash and BusyBox that are here. */
export const testShells: readonly TestShell[] = [
  ...(existsSync("/bin/dash") ? [{ name: "dash", argv: ["/bin/dash"], applets: false }] : []),
  ...(existsSync("/bin/bash") ? [{ name: "bash", argv: ["/bin/bash"], applets: false }] : []),
  ...(busybox === undefined ? [] : [{ name: "BusyBox", argv: [busybox, "sh"], applets: true }]),
];

const applets =
  "cat chmod chown cp dd df env false find grep head id kill ln ls mkdir mkfifo mv nc ps pwd readlink rm rmdir seq setsid sh sleep sort stat sync tail tar touch tr true uname wc yes".split(
    " ",
  );

/** A session over a shell, with directories of its own that go when it is disposed of. */
export interface TestPlace extends AsyncDisposable {
  readonly far: FarSide;
  readonly root: string;
  /** Beside the root: what must not be touched. */
  readonly outside: string;
  readonly capabilities: RunnerCapabilities;
  readonly processes: readonly TransportProcess[];
  readonly transport: RunnerTransport;
  /** Where the records of sessions are. */
  readonly states: string;
  /** One more session at the same place. */
  open(options: TestPlaceOptions): Promise<FarSide>;
}

export interface TestPlaceOptions extends Partial<FarSideOptions> {
  readonly directUrl?: boolean;
  /** Descriptors that the transport leaves open in what it starts, as a careless one would. */
  readonly extraDescriptors?: readonly number[];
}

/** Child processes of ours, each a session leader. */
function localTransport(
  env: Record<string, string>,
  processes: TransportProcess[],
  { directUrl: direct = true, extraDescriptors = [] }: TestPlaceOptions,
): RunnerTransport {
  const descriptors = Array.from({ length: Math.max(2, ...extraDescriptors) + 1 }, (_, descriptor) =>
    descriptor <= 2 ? ("pipe" as const) : extraDescriptors.includes(descriptor) ? 0 : ("ignore" as const),
  );
  return {
    providerState: {},
    channel: {
      kind: "bytes",
      async spawn([program = "", ...args]) {
        const child = spawn(program, args, {
          cwd: "/",
          detached: true,
          env,
          stdio: descriptors,
        }) as ChildProcessWithoutNullStreams;
        const exited = new Promise<TransportExit>((resolve) => {
          child.once("exit", (code, signal) => resolve({ code, signal }));
          child.once("error", () => resolve({ code: null, signal: null }));
        });
        const { pid } = child;
        const started: TransportProcess = {
          stdin: child.stdin,
          stdout: child.stdout,
          stderr: child.stderr,
          exited,
          kill() {
            if (pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
            try {
              process.kill(-pid, "SIGKILL");
            } catch {
              // It has ended meanwhile.
            }
          },
        };
        processes.push(started);
        return started;
      },
    },
    ...(direct ? { directUrl: (port: number) => `http://127.0.0.1:${port}` } : {}),
    async [Symbol.asyncDispose]() {
      for (const started of processes) started.kill();
    },
  };
}

export async function openTestPlace(shell: TestShell, options: TestPlaceOptions = {}): Promise<TestPlace> {
  const base = await realpath(await mkdtemp(path.join(tmpdir(), "mooring-shell-")));
  const root = path.join(base, "root");
  const outside = path.join(base, "outside");
  await mkdir(root);
  await mkdir(outside);
  const search = shell.applets ? await appletDirectory(base) : "/usr/local/bin:/usr/bin:/bin";
  const processes: TransportProcess[] = [];
  const transport = localTransport(
    { PATH: search, HOME: base, XDG_STATE_HOME: path.join(base, "state"), INHERITED: "not for commands" },
    processes,
    options,
  );
  const open = (more: TestPlaceOptions) =>
    openShellFarSide(
      transport,
      {
        providerId: "test",
        sessionId: randomUUID(),
        mode: "create",
        root,
        createRoot: false,
        readRoots: [],
        writeRoots: [],
        env: new Map([["PATH", search]]),
        confinement: "none",
        confinementRequired: false,
        labels: {},
        host: undefined,
        leaseMs: 30_000,
        openTimeoutMs: 20_000,
        signal: undefined,
        ...more,
      },
      { shell: shell.argv },
    );
  const far = await open(options);
  return {
    far,
    root,
    outside,
    capabilities: far.capabilities,
    processes,
    transport,
    states: path.join(base, "state/mooring/shell"),
    open,
    async [Symbol.asyncDispose]() {
      await far.end("destroy");
      await transport[Symbol.asyncDispose]();
      await rm(base, { recursive: true, force: true });
    },
  };
}

async function appletDirectory(base: string): Promise<string> {
  const directory = path.join(base, "applets");
  await mkdir(directory);
  await Promise.all(applets.map((name) => symlink(busybox ?? "", path.join(directory, name))));
  return directory;
}

/** What a listing gives, and whether it was cut short. */
export async function collected<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}
