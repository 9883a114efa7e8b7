import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Account, type AccountOptions, createAccount } from "./account.js";
import { type Chroot, createChroot } from "./chroot.js";
import { runProgram } from "./run-program.js";
import { generateKey, type SshKey } from "./ssh-keys.js";
import { Sshd, type SshdOptions } from "./sshd.js";
import { removeStaleThings } from "./stale-things.js";

/** An account, a key that lets in as it, and a directory to work in. */
export interface Login {
  readonly account: Account;
  readonly key: SshKey;
  /** A directory of the account's own, as it is called over there. */
  readonly root: string;
  /** The same, as it is called here. */
  readonly localRoot: string;
}

export interface LoginOptions extends Omit<AccountOptions, "home" | "changedRoot"> {
  /** Lines of `sshd_config` for this account. @default [] */
  readonly lines?: readonly string[];
  /** @default a new ed25519 key */
  readonly key?: SshKey;
}

/** A server with accounts. Disposal ends and removes everything, in the reverse order of its making. */
export class Testbed implements AsyncDisposable {
  readonly sshd: Sshd;
  readonly #things: AsyncDisposable[];

  private constructor(sshd: Sshd) {
    this.sshd = sshd;
    this.#things = [sshd];
  }

  static async start(options: SshdOptions = {}): Promise<Testbed> {
    await removeStaleThings();
    return new Testbed(await Sshd.start(options));
  }

  /** Whatever is given ends with the testbed. */
  use<Thing extends AsyncDisposable>(thing: Thing): Thing {
    this.#things.push(thing);
    return thing;
  }

  async login(options: LoginOptions): Promise<Login> {
    const { lines, key: given, ...accountOptions } = options;
    const home = join(this.sshd.directory, "homes", options.kind);
    const account = this.use(await createAccount({ ...accountOptions, home }));
    const key = given ?? (await generateKey(this.sshd.directory, `key-${options.kind}`));
    await this.sshd.admit(account, key, lines);
    const root = join(home, "work");
    await makeOwned(root, account);
    return { account, key, root, localRoot: root };
  }

  /** An account that sees a small system with BusyBox alone. */
  async busyboxLogin(kind = "busybox"): Promise<Login> {
    const chroot: Chroot = this.use(await createChroot());
    const changedRoot = chroot.directory;
    const account = this.use(await createAccount({ kind, home: `/home/${kind}`, changedRoot, shell: "/bin/sh" }));
    await chroot.addUser(account);
    const key = await generateKey(this.sshd.directory, `key-${kind}`);
    await this.sshd.admit(account, key, [`ChrootDirectory ${changedRoot}`]);
    const root = join(account.home, "work");
    const localRoot = join(changedRoot, root);
    await makeOwned(localRoot, account);
    return { account, key, root, localRoot };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const errors: unknown[] = [];
    for (const thing of this.#things.splice(0).toReversed()) {
      try {
        await thing[Symbol.asyncDispose]();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, "What was made for a test could not be removed");
  }
}

async function makeOwned(directory: string, { name }: Account): Promise<void> {
  await mkdir(directory, { recursive: true });
  await runProgram("chown", [`${name}:`, directory]);
}
