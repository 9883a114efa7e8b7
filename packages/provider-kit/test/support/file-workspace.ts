import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  lstatSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { type FileClient, type FileClientOptions, openFileClient } from "./file-client.js";

/** A workspace on disk with something outside of it that must stay as it is, and a helper in it. */
export class FileWorkspace implements AsyncDisposable {
  readonly base: string;
  readonly workspace: string;
  readonly outside: string;
  readonly helpers: FileClient[] = [];

  constructor() {
    this.base = mkdtempSync(path.join(os.tmpdir(), "mooring-files-"));
    // Others than root work in it too.
    chmodSync(this.base, 0o777);
    this.workspace = path.join(this.base, "workspace");
    this.outside = path.join(this.base, "outside");
    for (const directory of [this.workspace, this.outside]) {
      mkdirSync(directory);
      chmodSync(directory, 0o777);
    }
    writeFileSync(path.join(this.outside, "secret"), "outside");
  }

  async open(options: Partial<FileClientOptions> = {}): Promise<FileClient> {
    const helper = await openFileClient({ root: this.workspace, stateHome: this.base, ...options });
    this.helpers.push(helper);
    return helper;
  }

  at(...names: string[]): string {
    return path.join(this.workspace, ...names);
  }

  write(name: string, contents: string | Uint8Array = ""): string {
    const file = this.at(name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, contents);
    return file;
  }

  read(name: string): string {
    return readFileSync(this.at(name), "utf8");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const helper of this.helpers) await helper[Symbol.asyncDispose]();
    rmSync(this.base, { recursive: true, force: true });
  }
}

/**
 * Every entry beneath a directory, with type, mode and contents: two of these are equal only when nothing was touched.
 * Names are told as latin1, as they need not be UTF-8.
 */
export function treeOf(directory: string | Buffer, prefix = ""): Record<string, string> {
  const tree: Record<string, string> = {};
  if (!existsSync(directory)) return tree;
  for (const name of readdirSync(directory, { encoding: "buffer" })) {
    const file = Buffer.concat([Buffer.from(directory as string), Buffer.from("/"), name]);
    const status = lstatSync(file);
    const relative = prefix + name.toString("latin1");
    const mode = (status.mode & 0o7777).toString(8);
    if (status.isSymbolicLink()) tree[relative] = `link ${readlinkSync(file)}`;
    else if (status.isDirectory()) {
      tree[relative] = `directory ${mode}`;
      Object.assign(tree, treeOf(file, `${relative}/`));
    } else tree[relative] = `file ${mode} ${status.isFile() ? readFileSync(file).toString("base64") : status.size}`;
  }
  return tree;
}
