import { RunnerError } from "@mooring/api";
import { plainKeyOf } from "../keys/certificate.js";
import { fingerprintOf, keyTypeOf } from "../keys/fingerprint.js";
import { type HostKeyDecision, type HostKeyExpectation, nameOf } from "./host-key-decision.js";

type Refusal = Exclude<HostKeyDecision, { kind: "accepted" }>;

/** Why a host's key is refused, and what its user can do about it. `permission_denied`: nothing was said to the host yet. */
export function hostKeyError(
  refusal: Refusal,
  key: Buffer,
  expectation: HostKeyExpectation,
  files: readonly string[],
): RunnerError {
  const name = nameOf(expectation);
  const plain = plainKeyOf(key);
  const [keyType, fingerprint] = [keyTypeOf(plain), fingerprintOf(plain)];
  const shown = `${keyType} ${fingerprint}`;
  return new RunnerError("permission_denied", messageOf(refusal, { name, shown, expectation, files }), {
    provider: "ssh",
    resource: "destination",
    retryable: false,
    phase: "before_start",
    details: {
      reason: `host_key_${refusal.kind}`,
      host: name,
      keyType,
      fingerprint,
    },
  });
}

interface Words {
  readonly name: string;
  readonly shown: string;
  readonly expectation: HostKeyExpectation;
  readonly files: readonly string[];
}

function messageOf(refusal: Refusal, { name, shown, expectation, files }: Words): string {
  const [file = "~/.ssh/known_hosts"] = files;
  switch (refusal.kind) {
    case "unknown": {
      const port = expectation.port === 22 ? "" : `-p ${expectation.port} `;
      const [authority] = refusal.authorities;
      const certificate =
        authority === undefined
          ? ""
          : `It should have a certificate (${placeOf(authority)}), and has shown none of a kind that can be checked here. `;
      const trust = authority === undefined ? '. `hostKeyPolicy` "trust-on-first-use" accepts it unseen' : "";
      return (
        `The key of the host ${name} is not known: ${shown}. ${certificate}Compare the fingerprint with the host's own ` +
        `(ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub there). If it is right, set \`hostKey\` to it, or add the key: ` +
        `ssh-keyscan ${port}${expectation.host} >> ${file}${trust}`
      );
    }
    case "changed": {
      const [first] = refusal.known;
      const former = first === undefined ? "another" : `${first.keyType} ${fingerprintOf(first.key)}`;
      return (
        `The key of the host ${name} has changed: it is ${shown}, and ${placeOf(first)} has ${former}. Somebody may be ` +
        `listening in. If the host was set up anew, remove the former key: ssh-keygen -R '${name}' -f ${first?.file ?? file}`
      );
    }
    case "unpinned":
      return `Expected the key of the host ${name} to be one of \`hostKey\`, got ${shown}`;
    case "uncertified":
      return (
        `The key of the host ${name}, ${shown}, is not known, and its certificate ${refusal.problem}. If the host is the ` +
        `right one, its owner has to renew the certificate, or you set \`hostKey\` to the key`
      );
    case "revoked":
      return `The key of the host ${name}, ${shown}, is revoked by ${placeOf(refusal.line)}`;
  }
}

function placeOf(line: { readonly file: string; readonly number: number } | undefined): string {
  return line === undefined ? "a known hosts file" : `${line.file}:${line.number}`;
}
