import { appendFile, mkdir, open, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { RunnerError } from "@mooring/api";
import { codeOfErrno } from "@mooring/provider-kit";
import { decideHostKey, type HostKeyExpectation, nameOf } from "./host-key-decision.js";
import { hostKeyError } from "./host-key-error.js";
import { type KnownHostsLine, parseKnownHosts } from "./known-hosts-line.js";
import { keyTypeOf } from "../keys/fingerprint.js";

const mostBytes = 64 * 1024 * 1024;

/** The lines of all files. One that is not there has none; one that cannot be read is an error, as it may revoke a key. */
export async function readKnownHosts(files: readonly string[]): Promise<KnownHostsLine[]> {
  const lists = await Promise.all(files.map(readOne));
  return lists.flat();
}

async function readOne(file: string): Promise<KnownHostsLine[]> {
  try {
    const bytes = await readFile(file);
    if (bytes.length > mostBytes) throw unreadable(file, "EFBIG");
    return parseKnownHosts(bytes.toString("utf8"), file);
  } catch (error) {
    if (RunnerError.is(error)) throw error;
    const { code = "EIO" } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    throw unreadable(file, code, error);
  }
}

function unreadable(file: string, errno: string, cause?: unknown): RunnerError {
  return new RunnerError(codeOfErrno(errno), `The known hosts in ${file} cannot be read: ${errno}`, {
    provider: "ssh",
    resource: "destination",
    retryable: false,
    phase: "before_start",
    details: { errno, path: file },
    cause,
  });
}

/** One at a time, so that two first connections to a host cannot both be trusted. */
let appending: Promise<unknown> = Promise.resolve();

/**
 * Writes the key of a host down, unless it is there already. Looks again before: a key that somebody else wrote meanwhile
 * must be the same one. The line goes out in one write to the end of the file, which is made with mode 0600.
 */
export function rememberHostKey(
  key: Buffer,
  expectation: Omit<HostKeyExpectation, "lines">,
  files: readonly string[],
): Promise<void> {
  const work = appending.then(() => appendKey(key, expectation, files));
  appending = work.catch(() => undefined);
  return work;
}

async function appendKey(
  key: Buffer,
  expectation: Omit<HostKeyExpectation, "lines">,
  files: readonly string[],
): Promise<void> {
  const current = { ...expectation, lines: await readKnownHosts(files) };
  const decision = decideHostKey(key, current);
  if (decision.kind === "accepted") return;
  if (decision.kind !== "unknown") throw hostKeyError(decision, key, current, files);
  const [file] = files;
  if (file === undefined) return;
  const line = `${nameOf(current)} ${keyTypeOf(key)} ${key.toString("base64")}\n`;
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await appendFile(file, `${(await endsInLine(file)) ? "" : "\n"}${line}`, { mode: 0o600 });
  } catch (cause) {
    const { code = "EIO" } = cause as NodeJS.ErrnoException;
    throw new RunnerError(
      codeOfErrno(code),
      `The key of the host ${nameOf(current)} was to be trusted on first use, and cannot be written to ${file}: ${code}`,
      { provider: "ssh", resource: "destination", retryable: false, phase: "before_start", cause },
    );
  }
}

/** Whether what is appended begins a line. */
async function endsInLine(file: string): Promise<boolean> {
  const handle = await open(file, "r").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (handle === undefined) return true;
  try {
    const { size } = await handle.stat();
    if (size === 0) return true;
    const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
    return buffer[0] === 0x0a;
  } finally {
    await handle.close();
  }
}
