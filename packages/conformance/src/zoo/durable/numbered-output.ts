import { createHash, type Hash } from "node:crypto";

const exitCode = 7;
const filler = "abcdefghijklmnopqrstuvwxyz0123456789".repeat(2);
const blockEvery = 61;
const blockDigits = 8_000;

/** How a command that ran to its end has exited. */
export const numberedExit = { kind: "code", code: exitCode } as const;

/**
 * A script that writes numbered lines on both streams, in bursts of uneven length with blocks among them, until the file `stop` is
 * there; then the last number, and an exit that is not 0. It records each of its starts in the file `starts`.
 */
export function numberedScript(): string {
  return `
echo started >> starts
i=0
while :; do
  echo "out $i ${filler}"
  case $((i % ${blockEvery})) in 0) printf '%0${blockDigits}d\\n' "$i";; esac
  case $((i % 3)) in 0) echo "err $i" >&2;; esac
  i=$((i + 1))
  case $((i % 13)) in 0) sleep 0.01; [ ! -e stop ] || break;; esac
  case $((i % 127)) in 0) sleep 0.1;; esac
done
echo "end $i"; echo "end $i" >&2
exit ${exitCode}`;
}

/** What the streams hold when the script has counted so far. */
export interface NumberedOutput {
  readonly bytes: { readonly stdout: number; readonly stderr: number };
  readonly digest: { readonly stdout: string; readonly stderr: string };
}

export function numberedOutput(count: number): NumberedOutput {
  const hashes = { stdout: createHash("sha256"), stderr: createHash("sha256") };
  const bytes = { stdout: 0, stderr: 0 };
  const add = (stream: "stdout" | "stderr", text: string) => {
    hashes[stream].update(text);
    bytes[stream] += text.length;
  };
  for (let index = 0; index < count; index += 1) {
    add("stdout", `out ${index} ${filler}\n`);
    if (index % blockEvery === 0) add("stdout", `${String(index).padStart(blockDigits, "0")}\n`);
    if (index % 3 === 0) add("stderr", `err ${index}\n`);
  }
  add("stdout", `end ${count}\n`);
  add("stderr", `end ${count}\n`);
  return { bytes, digest: { stdout: hexOf(hashes.stdout), stderr: hexOf(hashes.stderr) } };
}

export function hexOf(hash: Hash): string {
  return hash.copy().digest("hex");
}
