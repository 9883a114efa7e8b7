import { RunnerError } from "@mooring/api";
import { protocolVersion } from "./frame-types.js";

const maxNoise = 65_536;
const keptNoise = 2_000;
const firstCapacity = 1_024;
const newline = 0x0a;

/** Finds the line in which the helper says that it is ours, behind whatever a login shell printed before it. */
export class Handshake {
  readonly #expected: Buffer;
  /** The first `#length` bytes of it are what came. It is made once: noise may come byte by byte. */
  #seen = Buffer.allocUnsafe(firstCapacity);
  #length = 0;
  /** Where the line under way begins: what is before it was looked at. */
  #lineAt = 0;

  constructor(nonce: string) {
    this.#expected = Buffer.from(`MOORING/${protocolVersion} ${nonce}\n`, "latin1");
  }

  /** What comes after the line, or `undefined` while it has not come. Throws `corrupt` when it cannot come any more. */
  push(chunk: Buffer): Buffer | undefined {
    const mostSeen = maxNoise + this.#expected.length;
    for (let at = 0; at < chunk.length;) {
      const end = chunk.indexOf(newline, at);
      const next = end === -1 ? chunk.length : end + 1;
      this.#take(chunk.subarray(at, Math.min(next, at + mostSeen + 1 - this.#length)));
      at = next;
      if (this.#length > mostSeen) throw this.#tooMuchNoise();
      if (end === -1) break;
      const line = this.#seen.subarray(this.#lineAt, this.#length);
      // A login shell need not end its last line.
      if (line.length >= this.#expected.length && line.subarray(-this.#expected.length).equals(this.#expected)) {
        return chunk.subarray(at);
      }
      refuseAnother(line);
      this.#lineAt = this.#length;
    }
    return undefined;
  }

  #take(bytes: Buffer): void {
    if (this.#length + bytes.length > this.#seen.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#length + bytes.length, this.#seen.length * 2));
      this.#seen.copy(larger, 0, 0, this.#length);
      this.#seen = larger;
    }
    this.#length += bytes.copy(this.#seen, this.#length);
  }

  #tooMuchNoise(): RunnerError {
    return new RunnerError("corrupt", `Expected the helper's first line within ${maxNoise} bytes${this.noiseNote()}`, {
      resource: "session",
      retryable: false,
    });
  }

  /** The end of what came instead, for an error message; empty when nothing came. */
  noiseNote(): string {
    const end = this.#seen.toString("utf8", Math.max(0, this.#length - keptNoise), this.#length).trim();
    return end === "" ? "" : `; it said: ${printable(end)}`;
  }
}

function refuseAnother(line: Buffer): void {
  const said = /^(MOORING\/\S+ \S+)\r?\n/.exec(line.toString("latin1"))?.[1];
  if (said === undefined) return;
  throw new RunnerError(
    "corrupt",
    `Expected a helper of protocol version ${protocolVersion} with our nonce, got another`,
    {
      resource: "session",
      retryable: false,
      details: { line: said.slice(0, 80) },
    },
  );
}

/** Text of the far side without what would steer a terminal. */
export function printable(text: string): string {
  return text.replaceAll(/(?![\n\t])[\p{C}\p{Zl}\p{Zp}]/gu, "\u{fffd}");
}
