import { join } from "node:path";
import type { RemoteRunnerSession, RunnerErrorCode } from "@mooring/api";
import { runnerErrorCodes } from "@mooring/api";
import { download } from "@mooring/provider-kit/local";
import type { Findings } from "../findings.js";

/** After this a caller has had enough of a call, in milliseconds. */
const patienceMs = 1_200;
/** What it may take on top until the call is over: our event loop is busy with what a server floods it with. */
const settleMs = 10_000;
const enough = 2_000;

/** Any honest error will do: what a hostile server says may be anything, but a call settles, and with an error of ours. */
const anyCode: readonly RunnerErrorCode[] = runnerErrorCodes;

type Call = (signal: AbortSignal) => Promise<unknown>;

/** Makes every call of the contract at once on a session of a hostile server, and then ends it. */
export async function everyCall(session: RemoteRunnerSession, findings: Findings, directory: string): Promise<void> {
  const { commands, files, ports } = session;
  const calls: Readonly<Record<string, Call>> = {
    "commands.run": (signal) =>
      commands.run({ script: "echo out; echo err >&2; exit 3", timeoutMs: 1_000 }, { signal }),
    "commands.start": async (signal) => {
      const command = await commands.start({ script: "echo started; sleep 1", stdin: "pipe" }, { signal });
      await command.read(undefined, { waitMs: 500, signal });
      await command.write("in");
      await command.signal("SIGTERM", { signal });
      return await command.result();
    },
    "a stream of output": async (signal) =>
      take((await commands.start({ script: "seq 1 20000", output: "stream" }, { signal })).output),
    "a durable command": (signal) => commands.run({ script: "echo durable", durable: true }, { signal }),
    "commands.list": (signal) => commands.list({ signal }),
    "commands.attach": (signal) => commands.attach("nobody", { signal }),
    "commands.cancel": (signal) => commands.cancel("nobody", { signal }),
    "files.write": (signal) => files.write("written", "contents", { signal }),
    "files.write of a stream": (signal) =>
      files.write("streamed", new Blob(["contents".repeat(50_000)]).stream(), { signal }),
    "files.read": (signal) => files.read("there", { maxBytes: 100, signal }),
    "files.readStream": async (signal) => take(await files.readStream("there", { signal })),
    "a stream that nobody reads": async (signal) => {
      const stream = await files.readStream("there", { signal });
      await aborted(signal);
      await stream.cancel();
    },
    "files.stat": (signal) => files.stat("there", { signal }),
    "files.list": (signal) => take(files.list(".", { depth: 2, signal })),
    "files.glob": (signal) => take(files.glob("**", { signal })),
    "files.grep": (signal) => take(files.grep("line", { signal })),
    "files.makeDirectory": (signal) => files.makeDirectory("made", { signal }),
    "files.copy": (signal) => files.copy("there", "copied", { signal }),
    "files.rename": (signal) => files.rename("there2", "renamed", { signal }),
    "files.remove": (signal) => files.remove("nowhere", { signal }),
    "files.watch": async (signal) => {
      await using watch = await files.watch(".", { signal });
      return await take(watch, 3);
    },
    "files.archive": async (signal) => take(await files.archive(".", { signal })),
    "files.extract": (signal) =>
      files.extract(
        "extracted",
        new Blob([new Uint8Array(1_024)]).stream(),
        { maxEntries: 10, maxTotalBytes: 1_000 },
        { signal },
      ),
    "ports.connect": async (signal) => {
      await using connection = await ports.connect(9, { signal });
      return await take(connection.readable);
    },
    "ports.list": (signal) => ports.list({ signal }),
    download: (signal) => download(session, ".", join(directory, "target"), { signal }),
  };
  await Promise.all(
    Object.entries(calls).map(([label, call]) => {
      const signal = AbortSignal.timeout(patienceMs);
      return judged(findings, label, () => call(signal), patienceMs + settleMs);
    }),
  );
  await judged(findings, "close", () => session.close(), 15_000);
  await judged(findings, "destroy", () => session.destroy(), 15_000);
  await judged(findings, "ended", () => session.ended, settleMs);
}

/** Judges that a call settles, with an error of ours if with one, whose message steers no terminal. */
export async function judged(
  findings: Findings,
  label: string,
  work: () => Promise<unknown>,
  withinMs: number,
): Promise<unknown> {
  const outcome = await findings.call(label, work, { withinMs, codes: anyCode });
  if (outcome.kind === "error") {
    const { message } = outcome.error;
    // oxlint-disable-next-line no-control-regex -- those are what is looked for
    if (/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/.test(message)) {
      findings.violation(`${label}: control characters in the message ${JSON.stringify(message)}`);
    }
    if (message.length > 20_000) findings.violation(`${label}: a message of ${message.length} characters`);
  }
  return outcome.kind === "value" ? outcome.value : undefined;
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
}

/** As much as a caller would want, and then no more: what it is handed is not kept. */
async function take(items: AsyncIterable<unknown>, atMost = enough): Promise<number> {
  let count = 0;
  for await (const _ of items) {
    count += 1;
    if (count === atMost) break;
  }
  return count;
}
