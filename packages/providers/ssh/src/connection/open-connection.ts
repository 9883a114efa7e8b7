import type { Duplex } from "node:stream";
import { RunnerError, type SecretRef } from "@mooring/api";
import { hostText } from "../config/host-text.js";
import type { AskPerson } from "../login/keyboard-interactive.js";
import { planLogin } from "../login/login-attempts.js";
import type { SshHop } from "../openssh/ssh-hop.js";
import { withBackOff } from "./back-off.js";
import { dial } from "./dial.js";
import { shakeHands } from "./handshake.js";
import { connectError } from "./native-error.js";
import { paced } from "./pace.js";
import { isRefused, openFailure, SshConnection } from "./ssh-connection.js";

export interface OpenOptions {
  readonly connectTimeoutMs: number;
  readonly keepaliveIntervalMs: number;
  readonly askPerson: AskPerson | undefined;
  resolveSecret(reference: SecretRef): Promise<string>;
}

/** Logs in to a machine, straight or from another one. Tries again for as long as it may help and there is time. */
export async function openConnection(
  hop: SshHop,
  from: SshConnection | undefined,
  options: OpenOptions,
): Promise<SshConnection> {
  const where = hostText({ host: hop.host, port: hop.port });
  let onAsking: (isAsking: boolean) => void = () => undefined;
  const { askPerson } = options;
  const plan = await planLogin(hop, {
    resolveSecret: (reference) => options.resolveSecret(reference),
    askPerson:
      askPerson === undefined
        ? undefined
        : async (question) => {
            onAsking(true);
            try {
              return await askPerson(question);
            } finally {
              onAsking(false);
            }
          },
  });
  return withBackOff(options.connectTimeoutMs, (leftMs) =>
    paced(where, async () => {
      const stream = from === undefined ? await dial(hop.host, hop.port, leftMs) : await dialFrom(from, hop, leftMs);
      const client = await shakeHands(stream, {
        hop,
        plan,
        timeoutMs: leftMs,
        onAsking: (listener) => {
          onAsking = listener;
        },
      });
      return new SshConnection(client, stream, where, options.keepaliveIntervalMs);
    }),
  );
}

async function dialFrom(from: SshConnection, { host, port }: SshHop, timeoutMs: number): Promise<Duplex> {
  try {
    return await from.forward(host, port, timeoutMs);
  } catch (error) {
    if (RunnerError.is(error)) {
      // Nothing was begun on the machine that was meant.
      throw error.code === "disconnected" ? connectError("unavailable", error.message, { cause: error }) : error;
    }
    if (!isRefused(error)) throw error;
    const isForbidden =
      error.refusedReason === openFailure.prohibited || error.refusedReason === openFailure.unknownType;
    throw isForbidden
      ? connectError(
          "permission_denied",
          `${from.where} does not pass connections on (AllowTcpForwarding), as a jump host must`,
        )
      : connectError("unavailable", `${hostText({ host, port })} cannot be reached from ${from.where}`);
  }
}
