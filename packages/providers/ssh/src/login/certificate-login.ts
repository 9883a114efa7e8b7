import { RunnerError } from "@mooring/api";
import type { Client, ParsedKey } from "ssh2";
import { certificateSignatureAlgorithm } from "./certificate-key.js";
import { wireString } from "../keys/wire.js";

/** What is used of the library beyond its documented interface. */
interface LibraryProtocol {
  authPK(username: string, key: ParsedKey, algorithm?: string, sign?: Sign): void;
  readonly _kex?: { readonly sessionID?: Buffer };
  readonly _authsQueue?: string[];
  readonly _packetRW?: {
    readonly write: { readonly allocStart: number; alloc(length: number): Buffer; finalize(packet: Buffer): Buffer };
  };
  readonly _cipher?: { encrypt(packet: Buffer): void };
}

type Sign = (data: Buffer, done: (signature: Buffer) => void) => void;

const userAuthRequest = 50;

/**
 * The library gives a signature the name of the key that it is checked with. For a certificate the two differ, and every server
 * refuses it. So a login by one is packed here; all else stays the library's.
 */
export function packCertificateLogins(client: Client): void {
  const protocol = (client as unknown as { readonly _protocol?: LibraryProtocol })._protocol;
  if (protocol === undefined || typeof protocol.authPK !== "function") return;
  const original = protocol.authPK.bind(protocol);
  protocol.authPK = (username, key, algorithm, sign) => {
    const signatureAlgorithm = certificateSignatureAlgorithm(key);
    const signs = typeof algorithm === "function" ? (algorithm as Sign) : sign;
    if (signatureAlgorithm === undefined || signs === undefined) return original(username, key, algorithm, sign);
    login(protocol, { username, key, signatureAlgorithm, sign: signs });
  };
}

function login(
  protocol: LibraryProtocol,
  request: { username: string; key: ParsedKey; signatureAlgorithm: string; sign: Sign },
): void {
  const { _kex: exchange, _authsQueue: queue, _packetRW: packets, _cipher: cipher } = protocol;
  const sessionId = exchange?.sessionID;
  if (sessionId === undefined || queue === undefined || packets === undefined || cipher === undefined) {
    throw new RunnerError(
      "internal",
      "This version of ssh2 is not the one that logging in by certificate was made for",
      {
        provider: "ssh",
      },
    );
  }
  const { username, key, signatureAlgorithm, sign } = request;
  const body = Buffer.concat([
    Buffer.of(userAuthRequest),
    ...[username, "ssh-connection", "publickey"].map(wireString),
    Buffer.of(1),
    wireString(key.type),
    wireString(key.getPublicSSH()),
  ]);
  sign(Buffer.concat([wireString(sessionId), body]), (signature) => {
    const signed = Buffer.concat([
      wireString(signatureAlgorithm),
      wireString(sshSignature(signature, signatureAlgorithm)),
    ]);
    const payload = Buffer.concat([body, wireString(signed)]);
    const { write } = packets;
    const packet = write.alloc(payload.length);
    packet.set(payload, write.allocStart);
    queue.push("publickey");
    cipher.encrypt(write.finalize(packet));
  });
}

/** A signature by an elliptic curve comes as ASN.1 from a private key of ours, and packed already from an agent. */
function sshSignature(signature: Buffer, algorithm: string): Buffer {
  if (!algorithm.startsWith("ecdsa-") || signature[0] !== 0x30) return signature;
  let at = (signature[1] ?? 0) < 0x80 ? 2 : 3;
  const integer = (): Buffer => {
    const length = signature[at + 1] ?? 0;
    const value = signature.subarray(at + 2, at + 2 + length);
    at += 2 + length;
    return value;
  };
  return Buffer.concat([wireString(integer()), wireString(integer())]);
}
