import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { runProgram } from "./run-program.js";

export type KeyType = "ed25519" | "ecdsa" | "rsa";

export interface SshKey {
  /** The private key; the public one lies beside it, with `.pub`. */
  readonly file: string;
  /** As in `authorized_keys` and `known_hosts`: type and base64, with no comment. */
  readonly publicKey: string;
  /** `SHA256:...`, as `ssh-keygen -l` prints it. */
  readonly fingerprint: string;
}

export async function generateKey(
  directory: string,
  name: string,
  options: { readonly type?: KeyType; readonly passphrase?: string } = {},
): Promise<SshKey> {
  const file = join(directory, name);
  const { type = "ed25519", passphrase = "" } = options;
  await runProgram("ssh-keygen", ["-q", "-t", type, "-N", passphrase, "-C", name, "-f", file]);
  return readKey(file);
}

async function readKey(file: string): Promise<SshKey> {
  const [type = "", base64 = ""] = (await readFile(`${file}.pub`, "utf8")).split(" ");
  const [, fingerprint = ""] = (await runProgram("ssh-keygen", ["-l", "-f", `${file}.pub`])).split(" ");
  return { file, publicKey: `${type} ${base64.trim()}`, fingerprint };
}

/** Signs a key as an authority would; returns the file of the certificate, which lies beside the key. */
export async function certify(
  authority: SshKey,
  key: SshKey,
  options: { readonly principals: readonly string[]; readonly host?: boolean; readonly validity?: string },
): Promise<string> {
  const { principals, host = false, validity = "-5m:+1h" } = options;
  const kind = host ? ["-h"] : [];
  const names = ["-I", "mooring-test", "-n", principals.join(","), "-V", validity];
  await runProgram("ssh-keygen", ["-q", "-s", authority.file, ...kind, ...names, `${key.file}.pub`]);
  return `${key.file}-cert.pub`;
}
