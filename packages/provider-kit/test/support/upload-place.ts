import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { RemoteRunnerSession } from "@mooring/api";
import { childDestination, childProvider } from "./child-provider.js";

/** A local tree and a session over a real helper to copy it to; both go at the end. */
export class UploadPlace implements AsyncDisposable {
  readonly #base = mkdtempSync(path.join(tmpdir(), "mooring-upload-"));
  readonly local = path.join(this.#base, "local");
  readonly workspace = path.join(this.#base, "workspace");
  /** Where the tests copy to. */
  readonly remote = path.join(this.workspace, "tree");
  #session: RemoteRunnerSession | undefined;

  static async open(): Promise<UploadPlace> {
    const place = new UploadPlace();
    mkdirSync(place.local);
    mkdirSync(place.workspace);
    const provider = childProvider("bytes", place.#base);
    place.#session = await provider.createSession(childDestination(place.workspace));
    return place;
  }

  get session(): RemoteRunnerSession {
    if (this.#session === undefined) throw new Error("The place is not open");
    return this.#session;
  }

  /** A file of the local tree, modified at that time: long ago unless it is said. */
  write(name: string, contents: string | Buffer, modifiedAtMs = 1_600_000_000_123, mode = 0o644): string {
    const file = path.join(this.local, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, contents);
    chmodSync(file, mode);
    utimesSync(file, modifiedAtMs / 1_000, modifiedAtMs / 1_000);
    return file;
  }

  /** What is in a file that was copied. */
  copied(name: string): string {
    return readFileSync(path.join(this.remote, name), "utf8");
  }

  /** Which file it is: a copy puts another one in its place. */
  inode(name: string): number {
    return statSync(path.join(this.remote, name)).ino;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session?.destroy();
    rmSync(this.#base, { recursive: true, force: true });
  }
}
