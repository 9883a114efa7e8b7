import { createHash } from "node:crypto";
import type { RunnerOutputCursor } from "@mooring/api";
import type { OwnerPage } from "../owner-protocol.js";
import { hexOf, numberedOutput } from "./numbered-output.js";

/** What came of a command's output, over all of its owners: only what an owner acknowledged counts as read. */
export class Ledger {
  readonly #hashes = { stdout: createHash("sha256"), stderr: createHash("sha256") };
  readonly #tails = { stdout: "", stderr: "" };
  readonly #read = { stdout: 0, stderr: 0 };
  #lost = 0;
  #doubled = 0;

  /** Where the next owner goes on. */
  get cursor(): RunnerOutputCursor {
    return { ...this.#read };
  }

  get bytes(): number {
    return this.#read.stdout + this.#read.stderr;
  }

  get lost(): number {
    return this.#lost;
  }

  get doubled(): number {
    return this.#doubled;
  }

  /** One line of an owner: bytes and cursor together, so that no kill comes between them. */
  acknowledge({ chunks, cursor }: OwnerPage): void {
    for (const { stream, offset, bytes } of chunks) {
      const read = Buffer.from(bytes, "base64");
      if (offset < this.#read[stream]) this.#doubled += Math.min(read.length, this.#read[stream] - offset);
      this.#moveTo(stream, offset);
      this.#hashes[stream].update(read);
      this.#tails[stream] = (this.#tails[stream] + read.toString("latin1")).slice(-64);
      this.#read[stream] = offset + read.length;
    }
    // A cursor may have moved over bytes that nobody showed.
    for (const stream of ["stdout", "stderr"] as const) this.#moveTo(stream, cursor[stream]);
  }

  #moveTo(stream: "stdout" | "stderr", offset: number): void {
    this.#lost += Math.max(0, offset - this.#read[stream]);
    this.#read[stream] = offset;
  }

  /** What is not as the script wrote it, a sentence each. */
  differences(): readonly string[] {
    const count = Number(/end (\d+)\n$/.exec(this.#tails.stdout)?.[1]);
    if (Number.isNaN(count)) return [`standard output does not end as it should: ${this.#tails.stdout.slice(-32)}`];
    const expected = numberedOutput(count);
    const found: string[] = [];
    for (const stream of ["stdout", "stderr"] as const) {
      if (this.#read[stream] !== expected.bytes[stream]) {
        found.push(`expected ${expected.bytes[stream]} bytes of ${stream}, got ${this.#read[stream]}`);
      } else if (hexOf(this.#hashes[stream]) !== expected.digest[stream]) {
        found.push(`the ${expected.bytes[stream]} bytes of ${stream} are not those that were written`);
      }
    }
    return found;
  }
}
