import type { Duplex } from "node:stream";
import type { RunnerError } from "@mooring/api";
import ssh2, { type Client, type ServerHostKeyAlgorithm } from "ssh2";
import { hostText } from "../config/host-text.js";
import {
  decideHostKey,
  expectedCertificateTypes,
  expectedKeyTypes,
  type HostKeyExpectation,
} from "../known-hosts/host-key-decision.js";
import { hostKeyError } from "../known-hosts/host-key-error.js";
import { readKnownHosts, rememberHostKey } from "../known-hosts/known-hosts-file.js";
import { parseCertificate } from "../keys/certificate.js";
import { packCertificateLogins } from "../login/certificate-login.js";
import type { LoginPlan } from "../login/login-attempts.js";
import type { SshHop } from "../openssh/ssh-hop.js";
import { Deadline } from "./deadline.js";
import { askForCertificates, goOnWithPlainKey } from "./host-certificates.js";
import { LoginSequence } from "./login-sequence.js";
import { connectError, droppedError, reachError, slowError } from "./native-error.js";

export interface HandshakeOptions {
  readonly hop: SshHop;
  readonly plan: LoginPlan;
  readonly timeoutMs: number;
  /** Told when a person is asked something, and when the answer is there: time does not run meanwhile. */
  onAsking?(listener: (isAsking: boolean) => void): void;
}

/** The order in which keys of a host are asked for when none is known. SHA-1 is not among them. */
const hostKeyAlgorithms: readonly ServerHostKeyAlgorithm[] = [
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "rsa-sha2-512",
  "rsa-sha2-256",
];

/** RFC 4253, section 11.1. OpenSSH ends too many attempts to log in with the first. */
const disconnectReason = { protocolError: 2, noMoreMethods: 14 } as const;

/** Checks a host's key and logs in, on a connection that is there. On failure the stream is destroyed. */
export async function shakeHands(stream: Duplex, options: HandshakeOptions): Promise<Client> {
  const { hop } = options;
  const expectation: HostKeyExpectation = {
    host: hop.host,
    port: hop.port,
    alias: hop.hostKeyAlias,
    pinned: hop.pinnedKeys,
    lines: await readKnownHosts(hop.knownHostsFiles),
  };
  try {
    return await logIn(stream, options, expectation);
  } catch (error) {
    stream.destroy();
    throw error;
  }
}

function logIn(stream: Duplex, options: HandshakeOptions, expectation: HostKeyExpectation): Promise<Client> {
  const { hop, plan, timeoutMs } = options;
  const where = hostText({ host: hop.host, port: hop.port });
  const sequence = new LoginSequence(plan);
  const client = new ssh2.Client();
  let refusal: RunnerError | undefined;
  let remembered: Promise<void> | undefined;
  let hasHandshake = false;
  let hasSpoken = false;
  return new Promise((resolve, reject) => {
    const settle = (decide: () => void): void => {
      deadline.stop();
      decide();
    };
    const fail = (error: RunnerError): void => settle(() => reject(error));
    const deadline = new Deadline(timeoutMs, () =>
      fail(slowError(where, hasHandshake ? "logging in" : "the handshake", timeoutMs)),
    );
    options.onAsking?.((isAsking) => (isAsking ? deadline.stop() : deadline.start()));
    // Errors after the login are told by the end of the connection; one without a listener would end the program.
    client.on("error", (error: Error & { readonly level?: string; readonly code?: string | number }) => {
      const isOfOneAttempt =
        error.level === "agent" || (error.level === "client-authentication" && !sequence.isExhausted);
      if (isOfOneAttempt) sequence.note(error);
      else fail(failureOf(error));
    });
    client.on("close", () => fail(failureOf(new Error("the server closed the connection"))));
    client.on("change password", () => fail(sequence.refusal(where, hop.user, new Error("The password has expired"))));
    client.on("handshake", () => {
      hasHandshake = true;
    });
    client.on("ready", () => {
      settle(() => {
        Promise.resolve(remembered).then(
          () => resolve(client),
          (error: unknown) => reject(error),
        );
      });
    });

    /** Classified by how far things had come and by numbers of the protocol, never by words. */
    function failureOf(error: Error & { readonly level?: string; readonly code?: string | number }): RunnerError {
      if (refusal !== undefined) return refusal;
      if (sequence.isExhausted) return sequence.refusal(where, hop.user, error);
      const isTooMany = error.code === disconnectReason.protocolError || error.code === disconnectReason.noMoreMethods;
      if (hasHandshake && sequence.hasTried && isTooMany) return sequence.refusal(where, hop.user, error);
      if (!hasSpoken) return droppedError(where, error);
      if (typeof error.code === "string") return reachError(where, error);
      return connectError(
        "unavailable",
        `${where}: ${hasHandshake ? "logging in" : "the handshake"} failed: ${error.message}`,
        { cause: error },
      );
    }

    try {
      client.connect({
        sock: stream as never,
        username: hop.user,
        readyTimeout: 0,
        algorithms: { serverHostKey: preferred(expectedKeyTypes(expectation)), compress: ["none"] },
        authHandler: sequence.next,
        hostVerifier: (shown: Buffer): boolean => {
          const key = Buffer.from(shown);
          const decision = decideHostKey(key, expectation);
          if (decision.kind === "accepted") {
            const certificate = parseCertificate(key);
            try {
              if (certificate !== undefined) goOnWithPlainKey(client, certificate);
              return true;
            } catch (error) {
              refusal = connectError("internal", `${where}: its certificate could not be used`, { cause: error });
              return false;
            }
          }
          if (decision.kind === "unknown" && decision.authorities.length === 0 && hop.trustsOnFirstUse) {
            // Only a key that the server has proved to hold is written down.
            client.once("handshake", () => {
              remembered = rememberHostKey(key, expectation, hop.knownHostsFiles);
              remembered.catch(() => undefined);
            });
            return true;
          }
          refusal = hostKeyError(decision, key, expectation, hop.knownHostsFiles);
          return false;
        },
      });
      stream.once("data", () => {
        hasSpoken = true;
      });
      packCertificateLogins(client);
      askForCertificates(client, expectedCertificateTypes(expectation));
    } catch (error) {
      fail(connectError("internal", `${where}: the handshake could not be begun`, { cause: error }));
    }
  });
}

/** Kinds of keys that are known come first: the host is asked for one that can be compared. */
function preferred(keyTypes: readonly string[]): ServerHostKeyAlgorithm[] {
  const wanted = keyTypes.flatMap((type) => (type === "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256"] : [type]));
  const known = hostKeyAlgorithms.filter((algorithm) => wanted.includes(algorithm));
  return [...known, ...hostKeyAlgorithms.filter((algorithm) => !known.includes(algorithm))];
}
