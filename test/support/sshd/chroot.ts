import { appendFile, copyFile, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { runProgram } from "./run-program.js";

/** A small system with BusyBox and nothing else: no Perl, no GNU tools. It has its own `/proc`. Disposal removes it. */
export interface Chroot extends AsyncDisposable {
  readonly directory: string;
  /** Makes an account known in it, whose home is there already. */
  addUser(user: { readonly name: string; readonly uid: number; readonly home: string }): Promise<void>;
}

/** Not below the directory for temporary files: OpenSSH enters only directories that nobody but root can rename on the way. */
export const chrootParent = "/var/lib";

/** Begins the name of every such directory, with the number of the process that made it. */
export const chrootPrefix = "mooring-test-chroot-";

const devices = [
  ["null", 3],
  ["zero", 5],
  ["full", 7],
  ["random", 8],
  ["urandom", 9],
] as const;

export async function createChroot(): Promise<Chroot> {
  const directory = await mkdtemp(join(chrootParent, `${chrootPrefix}${process.pid}-`));
  const mounted: string[] = [];
  const chroot: Chroot = {
    directory,
    async addUser({ name, uid, home }) {
      await appendFile(join(directory, "etc/passwd"), `${name}:x:${uid}:${uid}::${home}:/bin/sh\n`);
      await appendFile(join(directory, "etc/group"), `${name}:x:${uid}:\n`);
    },
    async [Symbol.asyncDispose]() {
      // What is still mounted must not be removed with it.
      for (const place of mounted.toReversed()) await runProgram("umount", ["-l", place]);
      await rm(directory, { recursive: true, force: true });
    },
  };
  try {
    await fill(directory, mounted);
  } catch (error) {
    await chroot[Symbol.asyncDispose]();
    throw error;
  }
  return chroot;
}

async function fill(directory: string, mounted: string[]): Promise<void> {
  await runProgram("chmod", ["755", directory]);
  for (const place of ["bin", "dev", "etc", "home", "proc"]) await mkdir(join(directory, place));
  await mkdir(join(directory, "tmp"));
  await runProgram("chmod", ["1777", join(directory, "tmp")]);
  for (const [from, to] of [
    ["bin", "usr/bin"],
    ["bin", "sbin"],
    ["bin", "usr/sbin"],
  ] as const) {
    await mkdir(join(directory, "usr"), { recursive: true });
    await symlink(`/${from}`, join(directory, to));
  }
  const busybox = (await runProgram("sh", ["-c", "command -v busybox"])).trim();
  await copyFile(busybox, join(directory, "bin/busybox"));
  await runProgram("chroot", [directory, "/bin/busybox", "--install", "-s", "/bin"]);
  for (const [name, minor] of devices) {
    await runProgram("mknod", ["-m", "666", join(directory, "dev", name), "c", "1", String(minor)]);
  }
  await runProgram("mknod", ["-m", "666", join(directory, "dev/tty"), "c", "5", "0"]);
  await runProgram("mount", ["-t", "proc", "proc", join(directory, "proc")]);
  mounted.push(join(directory, "proc"));
}
