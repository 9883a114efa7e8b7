import { readFile } from "node:fs/promises";
import { RunnerError } from "@mooring/api";
import { codeOfErrno } from "@mooring/provider-kit";
import ssh2, { type ParsedKey } from "ssh2";
import type { IdentityFile } from "../openssh/ssh-hop.js";
import { publicKeyLine } from "../keys/certificate.js";

/** What a key's file turned out to hold. */
export type KeyFile =
  | { readonly kind: "private"; readonly path: string; readonly key: ParsedKey }
  /** The agent may have the private one. */
  | { readonly kind: "public"; readonly path: string; readonly blob: Buffer }
  /** Nothing here opens it; its public half, if it lies beside, may be known to the agent. */
  | { readonly kind: "locked"; readonly path: string; readonly blob: Buffer | undefined; readonly reason: string };

/** Reads one key. A file that nobody named may be absent; one that was named rejects with what is wrong with it. */
export async function readKeyFile(
  { path, isNamed }: IdentityFile,
  passphrase: string | undefined,
): Promise<KeyFile | undefined> {
  const text = await readText(path, isNamed);
  if (text === undefined) return undefined;
  const line = publicKeyLine(text);
  if (line !== undefined) return { kind: "public", path, blob: line };
  const plain = parsed(text, undefined);
  if (isKey(plain) && plain.isPrivateKey()) return { kind: "private", path, key: plain };
  const opened = passphrase === undefined ? plain : parsed(text, passphrase);
  if (isKey(opened) && opened.isPrivateKey()) return { kind: "private", path, key: opened };
  const reason = opened instanceof Error ? opened.message : "it holds no private key";
  const beside = await readText(`${path}.pub`, false);
  return { kind: "locked", path, blob: beside === undefined ? undefined : publicKeyLine(beside), reason };
}

/** The public key that a certificate's file holds. */
export async function readCertificateFile({ path, isNamed }: IdentityFile): Promise<Buffer | undefined> {
  const text = await readText(path, isNamed);
  return text === undefined ? undefined : publicKeyLine(text);
}

function parsed(text: string, passphrase: string | undefined): ParsedKey | Error | undefined {
  const key = ssh2.utils.parseKey(text, passphrase) as ParsedKey | Error | (ParsedKey | Error)[];
  return Array.isArray(key) ? key[0] : key;
}

function isKey(key: ParsedKey | Error | undefined): key is ParsedKey {
  return key !== undefined && !(key instanceof Error);
}

async function readText(path: string, isNamed: boolean): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    if (!isNamed) return undefined;
    const { code = "EIO" } = cause as NodeJS.ErrnoException;
    const isAbsent = code === "ENOENT" || code === "ENOTDIR";
    throw new RunnerError(
      isAbsent ? "unauthenticated" : codeOfErrno(code),
      `The key ${path}, which the destination names, cannot be read: ${code}`,
      {
        provider: "ssh",
        resource: "destination",
        retryable: false,
        phase: "before_start",
        details: { errno: code, path },
        cause,
      },
    );
  }
}
