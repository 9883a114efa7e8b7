import { readFile } from "node:fs/promises";
import { type RunnerDestination, RunnerError, type RunnerErrorCode } from "@mooring/api";
import { ssh, type SshConfig } from "@mooring/ssh";
import { freePort } from "../../support/sshd/free-port.js";
import { generateKey } from "../../support/sshd/ssh-keys.js";
import { callMs, type FaultRun } from "./fault-place.js";

interface Refusal {
  readonly name: string;
  readonly destination: RunnerDestination<SshConfig>;
  readonly codes: readonly RunnerErrorCode[];
  readonly retryable: boolean;
  /** What the message must tell. */
  readonly tells: readonly RegExp[];
}

/** Connections that must not come about, each with the reason that is true, what to do, and nothing given away. */
export async function refusals(run: FaultRun): Promise<void> {
  const { place, findings, rounds } = run;
  const { sshd } = place.bed;
  const wrongKey = await generateKey(sshd.directory, "wrong-key");
  const boundMs = 1_500;
  const cases: readonly Refusal[] = [
    {
      name: "a wrong key",
      destination: place.destination({ identityFile: wrongKey.file }),
      codes: ["unauthenticated"],
      retryable: false,
      tells: [/key/i],
    },
    {
      name: "a wrong user",
      destination: place.destination({ user: `${place.login.account.name}-no` }),
      codes: ["unauthenticated"],
      retryable: false,
      tells: [],
    },
    {
      name: "a port that refuses",
      destination: place.destination({ port: await freePort(), connectTimeoutMs: boundMs }),
      codes: ["unavailable"],
      retryable: true,
      tells: [/127\.0\.0\.1/],
    },
    {
      name: "a name that does not resolve",
      destination: place.destination({ host: "no-such-host.invalid", connectTimeoutMs: boundMs }),
      codes: ["unavailable"],
      retryable: true,
      tells: [/no-such-host\.invalid/],
    },
  ];
  for (const refusal of cases) {
    for (let round = 0; round < rounds; round += 1) await oneRefusal(run, refusal);
  }
  await changedHostKeys(run);
  if (findings.rounds < rounds * cases.length) findings.violation("some refusals were not tried");
}

/** The host's key changes between two connections: the second one gets no further than that, and the first stays the known one. */
async function changedHostKeys(run: FaultRun): Promise<void> {
  const { place, findings, rounds } = run;
  const { sshd } = place.bed;
  for (let round = 0; round < rounds; round += 1) {
    const knownHostsFile = await sshd.knownHostsFile();
    const known = await readFile(knownHostsFile, "utf8");
    const hostKeyPolicy = round % 2 === 0 ? "known" : "trust-on-first-use";
    const destination = place.destination({ hostKey: undefined, knownHostsFile, hostKeyPolicy });
    const first = await findings.call(
      "createSession before the change",
      () => place.provider.createSession(destination),
      {
        withinMs: callMs,
      },
    );
    if (first.kind === "value") await findings.call("destroy", () => first.value.destroy(), { withinMs: callMs });
    await sshd.replaceHostKeys();
    // A connection that is kept was let in by the host that it was.
    sshd.killConnections();
    const logged = sshd.log.length;
    const newPrint = sshd.hostKeys[0]?.fingerprint ?? "";
    await oneRefusal(run, {
      name: "a host key that changed",
      destination,
      codes: ["permission_denied", "unauthenticated"],
      retryable: false,
      tells: [new RegExp(newPrint.replaceAll(/[+/]/g, "\\$&")), /ssh-keygen -R/, /changed/i],
    });
    if ((await readFile(knownHostsFile, "utf8")) !== known) findings.violation("the known hosts were changed");
    // The account's name is the first that a login would give away.
    const told = sshd.log.slice(logged).filter((line) => line.includes(place.login.account.name));
    if (told.length > 0) findings.violation(`credentials went to a host that was refused: ${told.join("; ")}`);
  }
}

async function oneRefusal({ place, findings }: FaultRun, refusal: Refusal): Promise<void> {
  const { name, destination, codes, retryable, tells } = refusal;
  findings.rounds += 1;
  // A provider of its own: no connection that is there already.
  const provider = findings.rounds % 2 === 0 ? place.provider : ssh({ idleConnectionMs: 200 });
  const outcome = await findings.call(name, () => provider.createSession(destination), { withinMs: callMs, codes });
  if (outcome.kind === "value") {
    findings.violation(`${name}: a session`);
    await outcome.value.destroy();
  }
  if (outcome.kind !== "error" || !RunnerError.is(outcome.error)) return;
  const { error } = outcome;
  if (error.retryable !== retryable) findings.violation(`${name}: retryable is ${error.retryable}`);
  for (const tell of tells)
    if (!tell.test(error.message)) findings.violation(`${name}: says nothing of ${tell}: ${error.message}`);
}
