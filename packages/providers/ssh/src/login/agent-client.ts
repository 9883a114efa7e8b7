import { connect, type Socket } from "node:net";
import { WireReader, wireNumber, wireString } from "../keys/wire.js";

/** A public key that an agent has the private one of. */
export interface AgentIdentity {
  /** As SSH packs it; a certificate is one, too. */
  readonly blob: Buffer;
  readonly comment: string;
}

const message = { requestIdentities: 11, identitiesAnswer: 12, signRequest: 13, signResponse: 14 } as const;
const mostAnswerBytes = 256 * 1024;
const mostIdentities = 1_000;
/** For an answer that needs nobody. */
const answerMs = 5_000;
/** Somebody may have to touch a device, or to say yes. */
const signMs = 60_000;

const rsaFlags: Readonly<Record<string, number>> = { sha256: 2, sha512: 4 };

/** The identities of the agent at a socket. Rejects when there is none, or none that answers. */
export async function agentIdentities(socketPath: string): Promise<AgentIdentity[]> {
  const answer = await ask(socketPath, Buffer.of(message.requestIdentities), message.identitiesAnswer, answerMs);
  const reader = new WireReader(answer);
  const count = Math.min(reader.number(), mostIdentities);
  return Array.from({ length: count }, () => ({
    blob: Buffer.from(reader.string()),
    comment: reader.string().toString("utf8"),
  }));
}

/** The signature by one of them, without the algorithm's name before it. `hash` counts for RSA only. */
export async function agentSignature(
  socketPath: string,
  blob: Buffer,
  data: Buffer,
  hash: string | undefined,
): Promise<Buffer> {
  const request = Buffer.concat([
    Buffer.of(message.signRequest),
    wireString(blob),
    wireString(data),
    wireNumber(rsaFlags[hash ?? ""] ?? 0),
  ]);
  const answer = await ask(socketPath, request, message.signResponse, signMs);
  const signature = new WireReader(new WireReader(answer).string());
  signature.string();
  return Buffer.from(signature.string());
}

/** One question, one connection: an agent that forgets an answer spoils no other. */
function ask(socketPath: string, request: Buffer, expectedType: number, timeoutMs: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let seen: Buffer = Buffer.alloc(0);
    const socket: Socket = connect(socketPath, () => socket.write(wireString(request)));
    const settle = (decide: () => void): void => {
      clearTimeout(timer);
      socket.destroy();
      decide();
    };
    const fail = (reason: string, cause?: unknown): void =>
      settle(() => reject(new Error(`The agent at ${socketPath} ${reason}`, { cause })));
    const timer = setTimeout(() => fail(`did not answer within ${timeoutMs} ms`), timeoutMs);
    socket.on("error", (cause) => fail("cannot be reached", cause));
    socket.on("close", () => fail("closed the connection"));
    socket.on("data", (chunk: Buffer) => {
      seen = Buffer.concat([seen, chunk]);
      if (seen.length < 5) return;
      const length = seen.readUInt32BE(0);
      if (length === 0 || length > mostAnswerBytes) return fail(`announced an answer of ${length} bytes`);
      if (seen.length < 4 + length) return;
      if (seen[4] !== expectedType) return fail(`refused (${seen[4] ?? 0})`);
      const answer = seen.subarray(5, 4 + length);
      settle(() => resolve(answer));
    });
  });
}
