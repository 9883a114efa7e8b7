import type { SecretRef } from "@mooring/api";
import ssh2, { type AnyAuthMethod, type ParsedKey } from "ssh2";
import { fingerprintOf } from "../keys/fingerprint.js";
import type { SshHop } from "../openssh/ssh-hop.js";
import { agentIdentities, agentSignature, type AgentIdentity } from "./agent-client.js";
import { isCertificate, parseCertificate } from "../keys/certificate.js";
import { certificateKey } from "./certificate-key.js";
import type { AskPerson } from "./keyboard-interactive.js";
import { keyboardInteractive } from "./keyboard-interactive.js";
import { type KeyFile, readCertificateFile, readKeyFile } from "./key-files.js";
import { SingleKeyAgent } from "./single-key-agent.js";

/** One way to log in, and how it is called in messages. */
export interface LoginAttempt {
  /** What the server has to offer for it to be tried. */
  readonly method: "publickey" | "password" | "keyboard-interactive" | "none";
  readonly name: string;
  readonly login: AnyAuthMethod;
}

/** All ways to log in to a machine, in the order in which they are tried, and what stood in the way of others. */
export interface LoginPlan {
  readonly attempts: readonly LoginAttempt[];
  readonly notes: readonly string[];
}

export interface LoginOptions {
  resolveSecret(reference: SecretRef): Promise<string>;
  readonly askPerson: AskPerson | undefined;
}

/** Reads keys, asks the agent what it has, and resolves secrets. Says nothing to any server. */
export async function planLogin(hop: SshHop, options: LoginOptions): Promise<LoginPlan> {
  const { user } = hop;
  const notes: string[] = [];
  const passphrase = hop.passphrase === undefined ? undefined : await options.resolveSecret(hop.passphrase);
  const files = (await Promise.all(hop.identities.map((identity) => readKeyFile(identity, passphrase)))).filter(
    (file) => file !== undefined,
  );
  const ofAgent = await identitiesOf(hop.agent, notes);
  const keys = orderedKeys(files, ofAgent, hop, notes);
  const attempts: LoginAttempt[] = [
    ...(await certificateAttempts(hop, keys)),
    ...keys.map((key) => attemptWith(user, key)).filter((attempt) => attempt !== undefined),
  ];
  const password = hop.password === undefined ? undefined : await options.resolveSecret(hop.password);
  if (options.askPerson !== undefined || password !== undefined) {
    attempts.push({
      method: "keyboard-interactive",
      name: "keyboard-interactive",
      login: keyboardInteractive(hop, options.askPerson, password),
    });
  }
  if (password !== undefined) {
    attempts.push({ method: "password", name: "password", login: { type: "password", username: user, password } });
  }
  // There are servers that let anybody in; and the others say what they would take.
  if (attempts.length === 0) attempts.push({ method: "none", name: "none", login: { type: "none", username: user } });
  return { attempts, notes };
}

/** A key that can sign, wherever it lies. */
interface SigningKey {
  readonly name: string;
  /** Its public half. */
  readonly blob: Buffer;
  readonly path: string | undefined;
  readonly privateKey: ParsedKey | undefined;
  sign(data: Buffer, hash: string | undefined): Buffer | Promise<Buffer>;
}

async function identitiesOf(agent: string | undefined, notes: string[]): Promise<AgentIdentity[]> {
  if (agent === undefined) return [];
  try {
    return await agentIdentities(agent);
  } catch (error) {
    notes.push(error instanceof Error ? error.message : String(error));
    return [];
  }
}

/** The keys that are named, first those that the agent has, then the agent's others where they may be offered. */
function orderedKeys(
  files: readonly KeyFile[],
  ofAgent: readonly AgentIdentity[],
  { agent, identitiesOnly }: SshHop,
  notes: string[],
): SigningKey[] {
  const keys: SigningKey[] = [];
  const fromAgent = ({ blob, comment }: AgentIdentity, path?: string): SigningKey => ({
    name: `${comment} ${fingerprintOf(blob)} (agent)`,
    blob,
    path,
    privateKey: undefined,
    sign: (data, hash) => agentSignature(agent ?? "", blob, data, hash),
  });
  for (const file of files) {
    if (file.kind === "private") {
      keys.push(fromFile(file.path, file.key));
      continue;
    }
    const { blob } = file;
    const held = blob === undefined ? undefined : ofAgent.find((identity) => identity.blob.equals(blob));
    if (held !== undefined) keys.push(fromAgent(held, file.path));
    else if (file.kind === "locked") notes.push(`${file.path} cannot be opened: ${file.reason}`);
    else notes.push(`${file.path} is a public key, and the agent has no private one to it`);
  }
  if (identitiesOnly) return keys;
  const more = ofAgent.filter(({ blob }) => !keys.some((key) => key.blob.equals(blob)));
  const others = more.map((identity) => fromAgent(identity));
  // As with `ssh`: what an agent holds was chosen by a person, and the usual files may be anybody's.
  const areNamed = files.length > 0 && keys.some((key) => key.path !== undefined && key.privateKey === undefined);
  return areNamed ? [...keys, ...others] : [...others, ...keys];
}

function fromFile(path: string, key: ParsedKey): SigningKey {
  const blob = key.getPublicSSH();
  return {
    name: `${path} ${fingerprintOf(blob)}`,
    blob,
    path,
    privateKey: key,
    sign: (data, hash) => {
      const signature = key.sign(data, hash) as Buffer | Error;
      if (signature instanceof Error) throw signature;
      return signature;
    },
  };
}

/** Certificates that are named or lie beside their keys, each with the key that can sign for it. */
async function certificateAttempts(hop: SshHop, keys: readonly SigningKey[]): Promise<LoginAttempt[]> {
  const beside = keys.flatMap(({ path }) =>
    path === undefined ? [] : [{ path: `${path.replace(/\.pub$/, "")}-cert.pub`, isNamed: false }],
  );
  const blobs = await Promise.all([...hop.certificates, ...beside].map(readCertificateFile));
  return blobs.flatMap((blob) => {
    const certificate = blob === undefined ? undefined : parseCertificate(blob);
    const signer = certificate === undefined ? undefined : keys.find((key) => key.blob.equals(certificate.plainKey));
    const key = certificate === undefined ? undefined : certificateKey(certificate);
    if (certificate === undefined || signer === undefined || key === undefined) return [];
    const hash = certificate.plainType === "ssh-rsa" ? "sha512" : undefined;
    return [agentAttempt(hop.user, `certificate of ${signer.name}`, key, (data) => signer.sign(data, hash))];
  });
}

function attemptWith(user: string, key: SigningKey): LoginAttempt | undefined {
  if (key.privateKey !== undefined) {
    return {
      method: "publickey",
      name: key.name,
      login: { type: "publickey", username: user, key: key.privateKey },
    };
  }
  if (isCertificate(key.blob)) {
    const certificate = parseCertificate(key.blob);
    const offered = certificate === undefined ? undefined : certificateKey(certificate);
    const hash = certificate?.plainType === "ssh-rsa" ? "sha512" : undefined;
    return offered === undefined ? undefined : agentAttempt(user, key.name, offered, (data) => key.sign(data, hash));
  }
  const offered = ssh2.utils.parseKey(key.blob) as ParsedKey | Error | (ParsedKey | Error)[];
  // Such as keys on security devices, which the library has no name for.
  if (offered instanceof Error || Array.isArray(offered)) return undefined;
  return agentAttempt(user, key.name, offered, (data, hash) => key.sign(data, hash));
}

function agentAttempt(user: string, name: string, key: ParsedKey, sign: SigningKey["sign"]): LoginAttempt {
  return {
    method: "publickey",
    name,
    login: { type: "agent", username: user, agent: new SingleKeyAgent(key, sign) },
  };
}
