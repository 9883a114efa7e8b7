import { RunnerError } from "@mooring/api";
import { protocolVersion } from "./frame-types.js";

const maxNoise = 65_536;
const keptNoise = 2_000;
const newline = 0x0a;

/** Finds the line in which the helper says that it is ours, behind whatever a login shell printed before it. */
export class Handshake {
  readonly #expected: Buffer;
  #seen: Buffer = Buffer.alloc(0);

  constructor(nonce: string) {
    this.#expected = Buffer.from(`MOORING/${protocolVersion} ${nonce}\n`, "latin1");
  }

  /** What comes after the line, or `undefined` while it has not come. Throws `corrupt` when it cannot come any more. */
  push(chunk: Buffer): Buffer | undefined {
    this.#seen = Buffer.concat([this.#seen, chunk]);
    const at = this.#seen.indexOf(this.#expected);
    if (at !== -1 && at <= maxNoise) return this.#seen.subarray(at + this.#expected.length);
    this.#refuseAnother();
    if (this.#seen.length > maxNoise + this.#expected.length) {
      throw new RunnerError("corrupt", `Expected the helper's first line within ${maxNoise} bytes${this.noiseNote()}`, {
        resource: "session",
        retryable: false,
      });
    }
    return undefined;
  }

  #refuseAnother(): void {
    const text = this.#seen.toString("latin1");
    const line = /(?:^|\n)(MOORING\/\S+ \S+)\r?\n/.exec(text)?.[1];
    if (line === undefined) return;
    throw new RunnerError(
      "corrupt",
      `Expected a helper of protocol version ${protocolVersion} with our nonce, got another`,
      {
        resource: "session",
        retryable: false,
        details: { line: line.slice(0, 80) },
      },
    );
  }

  /** The end of what came instead, for an error message; empty when nothing came. */
  noiseNote(): string {
    const end = this.#seen.subarray(-keptNoise).toString("utf8").trim();
    return end === "" ? "" : `; it said: ${printable(end)}`;
  }

  get sawNothing(): boolean {
    return this.#seen.length === 0 || (this.#seen.length === 1 && this.#seen[0] === newline);
  }
}

/** Text of the far side without what would steer a terminal. */
export function printable(text: string): string {
  return text.replaceAll(/[^\P{C}\n\t]/gu, "\u{fffd}");
}
