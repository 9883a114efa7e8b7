import { randomBytes } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { killProcess, processesOfUser, processesWithVariable } from "./processes.js";
import { runProgram } from "./run-program.js";

/** Begins the name of every account that tests make. */
export const accountPrefix = "mooring-test-";

const run = randomBytes(3).toString("hex");

export interface AccountOptions {
  /** Ends the account's name, such as `root` or `fish`: at most 11 letters. */
  readonly kind: string;
  /** As the account will call it. */
  readonly home: string;
  /** Where a changed root puts everything that the account sees. @default "/" */
  readonly changedRoot?: string;
  /** Another name and home for root. @default false */
  readonly isRoot?: boolean;
  /** @default "/bin/bash" */
  readonly shell?: string;
  /** @default none: only keys are let in */
  readonly password?: string;
  /** What lies in the home, by name. @default {} */
  readonly files?: Readonly<Record<string, string>>;
}

export interface Account extends AsyncDisposable {
  readonly name: string;
  readonly uid: number;
  readonly home: string;
  /** The home, as it is called here. */
  readonly localHome: string;
  /** Living processes that belong to it. */
  processes(): readonly number[];
}

/** An account of this machine, made by `useradd`. Disposal ends its processes and removes it and its home. */
export async function createAccount(options: AccountOptions): Promise<Account> {
  const { kind, home, changedRoot = "/", isRoot = false, shell = "/bin/bash", password, files = {} } = options;
  const name = `${accountPrefix}${run}-${kind}`;
  const identity = isRoot ? ["-o", "-u", "0", "-g", "0", "--no-user-group"] : ["--user-group"];
  // Whose account it is, for those who find it when we are gone.
  const owner = ["--comment", `${accountPrefix}${process.pid}`];
  await exclusively("useradd", [...identity, ...owner, "--no-create-home", "-d", home, "-s", shell, "-p", "*", name]);
  const localHome = join(changedRoot, home);
  const uid = Number(await runProgram("id", ["-u", name]));
  const processes = () => (uid === 0 ? processesWithVariable(`HOME=${home}`) : processesOfUser(uid));
  const account: Account = {
    name,
    uid,
    home,
    localHome,
    processes,
    async [Symbol.asyncDispose]() {
      for (let left = processes(); left.length > 0; left = processes()) {
        for (const pid of left) killProcess(pid);
        await delay(10);
      }
      await removeAccount(name);
      await rm(localHome, { recursive: true, force: true });
    },
  };
  try {
    if (password !== undefined) await exclusively("chpasswd", [], `${name}:${password}\n`);
    await mkdir(localHome, { recursive: true });
    for (const [file, contents] of Object.entries(files)) {
      await mkdir(dirname(join(localHome, file)), { recursive: true });
      await writeFile(join(localHome, file), contents);
    }
    await runProgram("chown", ["-R", `${name}:`, localHome]);
  } catch (error) {
    await account[Symbol.asyncDispose]();
    throw error;
  }
  return account;
}

export async function removeAccount(name: string): Promise<void> {
  // Forced, because another name for root is always in use.
  await exclusively("userdel", ["--force", name]);
}

/** These programs lock the list of users and fail when another has it. */
async function exclusively(program: string, args: readonly string[], input?: string): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      await runProgram(program, args, input);
      return;
    } catch (error) {
      if (attempt === 50 || !/lock/.test(String(error))) throw error;
      await delay(50 + Math.random() * 150);
    }
  }
}
