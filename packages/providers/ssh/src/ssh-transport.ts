import { randomBytes } from "node:crypto";
import { RunnerError } from "@mooring/api";
import { closedWithin, type RunnerTransport, type TransportProcess, unsupported } from "@mooring/provider-kit";
import { commandLine, type LoginShellUse } from "./channel/command-line.js";
import type { ConnectionPool, PoolTarget, SessionPlace } from "./connection/connection-pool.js";
import { connectError } from "./connection/native-error.js";
import { isRefused, openFailure, type SshConnection } from "./connection/ssh-connection.js";
import { shellComplaint } from "./shell-complaint.js";

/** How long a server that answers may take to open a channel. */
const channelMs = 20_000;

/** A login as a way to run things. The machine is there before and after: nothing is made, and nothing has to be removed. */
export async function sshTransport(pool: ConnectionPool, target: PoolTarget): Promise<RunnerTransport> {
  const running = new Set<TransportProcess>();
  let reserved: SessionPlace | undefined = await pool.sessionPlace(target);
  let current: SshConnection = reserved.connection;
  let shell: Promise<LoginShellUse> | undefined;

  const start: Start = async (argv, use, announcement) => {
    const place = reserved !== undefined && "execute" in reserved ? reserved : undefined;
    reserved = undefined;
    const line = commandLine(argv, use, announcement?.word);
    const options = { timeoutMs: channelMs, onOutput: announcement?.onOutput };
    const { process, connection } = await pool.execute(target, line, options, place);
    current = connection;
    return noted(process);
  };

  const noted = (process: TransportProcess): TransportProcess => {
    running.add(process);
    void process.exited.then(() => running.delete(process));
    return process;
  };

  /** A process that nobody waits for any more ends. */
  const unlessAborted = (
    process: TransportProcess,
    signal: AbortSignal | undefined,
    program?: string,
  ): TransportProcess => {
    if (signal?.aborted !== true) return process;
    process.kill();
    process.stdin.destroy();
    throw cancelled(signal, program);
  };

  return {
    providerState: {},
    channel: {
      kind: "bytes",
      async startReady(header, { signal } = {}) {
        const place = reserved;
        if (place === undefined || "execute" in place) throw noHub();
        reserved = undefined;
        const process = await place.startReady(header).catch((error: unknown) => {
          // Whatever keeps the hub from it: a channel of the session's own tells more, if that fails, too.
          throw noHub(error);
        });
        return unlessAborted(noted(process), signal, "a helper");
      },
      async spawn(argv, { signal } = {}) {
        if (signal?.aborted === true) throw cancelled(signal, argv[0]);
        // The helper in Perl says itself that it is there. Before anything else is tried, the login must have a shell at all.
        const isHelper = argv[0] === "perl" && shell === undefined;
        const process = isHelper
          ? await startAnnounced(start, argv)
          : await start(argv, await (shell ??= findShell(start, current.where)));
        return unlessAborted(process, signal, argv[0]);
      },
    },
    async openTcp(port) {
      let refusal: unknown;
      // What listens for one protocol only is found by the other.
      for (const host of ["127.0.0.1", "::1"]) {
        try {
          return await current.forward(host, port, channelMs);
        } catch (error) {
          if (!isRefused(error)) throw error;
          if (error.refusedReason !== openFailure.connectFailed) {
            throw unsupported(`${current.where} does not pass connections on`, { provider: "ssh", resource: "port" });
          }
          refusal ??= error;
        }
      }
      throw new RunnerError("unavailable", `Nothing listens on port ${port} of ${current.where}`, {
        provider: "ssh",
        resource: "port",
        retryable: null,
        phase: "before_start",
        cause: refusal,
      });
    },
    async [Symbol.asyncDispose]() {
      reserved?.release();
      reserved = undefined;
      for (const process of running) process.kill();
    },
  };
}

type Start = (
  argv: readonly string[],
  use: LoginShellUse,
  announcement?: { readonly word: string; readonly onOutput: (this: void, chunk: Buffer) => void },
) => Promise<TransportProcess>;

/** What a shell says of a program that it does not find. */
const notFoundCode = 127;
/** How long output may still come after the end was told. */
const afterExitMs = 1_000;

/**
 * Starts a program whose shell says a random word first. A login that has no shell for it ends with whatever code it likes; the
 * program is then reported as not found, and what is tried next tells why.
 */
async function startAnnounced(start: Start, argv: readonly string[]): Promise<TransportProcess> {
  const word = randomBytes(16).toString("hex");
  let head: string | undefined = "";
  const onOutput = (chunk: Buffer): void => {
    if (head === undefined) return;
    head = (head + chunk.toString("latin1")).slice(-mostText);
    if (head.includes(word)) head = undefined;
  };
  const process = await start(argv, "either", { word, onOutput });
  const exited = process.exited.then(async (exit) => {
    if (exit.code === null || exit.code === 0 || head === undefined) return exit;
    await closedWithin(afterExitMs, process.stdout);
    return head === undefined ? exit : { code: notFoundCode, signal: null };
  });
  return { ...process, exited };
}

/** Runs a shell that says a random word. Rejects with `unsupported`, and what the server said instead, where that fails. */
async function findShell(start: Start, where: string): Promise<LoginShellUse> {
  const said: string[] = [];
  for (const use of ["replace", "child"] as const) {
    const word = randomBytes(16).toString("hex");
    const process = await start(["sh", "-c", `printf '%s\\n' ${word}`], use);
    process.stdin.end();
    const texts = await Promise.all([process.stdout, process.stderr].map(textOf));
    if (texts[0]?.includes(word) === true) return use;
    const exit = await process.exited;
    if (exit.code === null && exit.signal === null) throw connectError("unavailable", `${where} ended the connection`);
    said.push(texts.join("\n"));
    if (use === "child") throw shellComplaint(where, exit, said.join("\n"));
  }
  throw connectError("internal", `${where} was not asked for a shell`);
}

const mostText = 65_536;

async function textOf(stream: AsyncIterable<Buffer>): Promise<string> {
  let text = "";
  try {
    for await (const chunk of stream) {
      text += chunk.toString("latin1");
      if (text.length > mostText) break;
    }
  } catch {
    // How it ended says more.
  }
  return text;
}

function cancelled({ reason }: AbortSignal, program = "a program"): RunnerError {
  return new RunnerError("cancelled", `Starting ${program} was cancelled by its signal`, {
    phase: "before_start",
    retryable: false,
    cause: reason,
  });
}

function noHub(cause?: unknown): RunnerError {
  return new RunnerError("not_found", "No helper is ready on this connection", { phase: "before_start", cause });
}
