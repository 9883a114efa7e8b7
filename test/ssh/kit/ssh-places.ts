import process from "node:process";
import type { RemoteRunnerSession } from "@mooring/api";
import type { ProviderFacts } from "@mooring/conformance";
import { ssh, type SshConfig } from "@mooring/ssh";
import { readEntry } from "../../support/sshd/processes.js";
import { type Login, Testbed } from "../../support/sshd/testbed.js";
import { destinationFor } from "../destinations.js";

/** An account to measure, with all that can be said of it. */
export interface SshPlace extends AsyncDisposable {
  readonly provider: ReturnType<typeof ssh>;
  readonly facts: ProviderFacts<SshConfig>;
}

/** By name: what `npm run ssh` runs the kit on. */
export const sshPlaces = {
  /** Root, on a stock server. */
  root: () => openPlace((bed) => bed.login({ kind: "root", isRoot: true })),
  /** An ordinary user. */
  user: () => openPlace((bed) => bed.login({ kind: "user" })),
  /** BusyBox and no Perl, in a changed root. */
  busybox: () => openPlace((bed) => bed.busyboxLogin(), { sever: severConnection }),
  /** An ordinary user, through two other machines. */
  jump: openJumpPlace,
} as const satisfies Record<string, () => Promise<SshPlace>>;

export type SshPlaceName = keyof typeof sshPlaces;

/** The lease is for owners' sessions alone: ours must not be lost when the machine is busy for a second. */
const leaseMs = 1_000;

async function openPlace(
  makeLogin: (bed: Testbed) => Promise<Login>,
  options: { readonly sever?: (bed: Testbed, session: RemoteRunnerSession) => Promise<void> } = {},
): Promise<SshPlace> {
  const bed = await Testbed.start();
  return await closedOnFailure(bed, async () => {
    const login = await makeLogin(bed);
    const knownHostsFile = await bed.sshd.knownHostsFile();
    const { config } = destinationFor(bed.sshd, login, { hostKey: undefined, knownHostsFile });
    return placeOf(bed, config, options.sever ?? severHelper);
  });
}

async function openJumpPlace(): Promise<SshPlace> {
  const [first, second, target] = await Promise.all([Testbed.start(), Testbed.start(), Testbed.start()]);
  target.use(first);
  target.use(second);
  return await closedOnFailure(target, async () => {
    const logins = [await first.login({ kind: "hop1" }), await second.login({ kind: "hop2" })] as const;
    const login = await target.login({ kind: "behind" });
    const knownHosts = [first, second, target].map(({ sshd }) => sshd.knownHosts()).join("");
    const knownHostsFile = await target.sshd.knownHostsFile(knownHosts);
    const proxyJump = [first, second].map(({ sshd }, index) => {
      const { root: _, ...hop } = destinationFor(sshd, logins[index] ?? login, {
        hostKey: undefined,
        knownHostsFile,
      }).config;
      const { configFile: __, ...jump } = hop;
      return jump;
    });
    const { config } = destinationFor(target.sshd, login, {
      hostKey: undefined,
      knownHostsFile,
      proxyJump,
      // An ordinary user who is confined sees nothing of the environment of another session's processes: here, what is left of them is seen.
      confinement: "none",
    });
    return placeOf(target, config, severHelper);
  });
}

function placeOf(
  bed: Testbed,
  config: SshConfig,
  sever: (bed: Testbed, session: RemoteRunnerSession) => Promise<void>,
): SshPlace {
  const owner = new URL("owner.ts", import.meta.url);
  owner.searchParams.set("config", JSON.stringify({ ...config, leaseMs }));
  return {
    provider: ssh(),
    facts: {
      destination: { id: "over-there", providerId: "ssh", config, defaultManifest: { entries: [], mounts: [] } },
      wrongConfig: { ...config, root: "relative" },
      sever: (session) => sever(bed, session),
      kill: async (pid) => {
        process.kill(pid, "SIGKILL");
      },
      owner,
      ownerArguments: ["--conditions=@mooring/source", "--import", "tsx"],
      leaseMs,
    },
    [Symbol.asyncDispose]: () => bed[Symbol.asyncDispose](),
  };
}

/** Kills what serves a session over there: below the server or the hub, above all of its commands. Both serve others, too. */
async function severHelper(_bed: Testbed, session: RemoteRunnerSession): Promise<void> {
  const [helper] = (await ancestryOf(session)).filter(({ parentName }) =>
    ["sshd", "mooring-hub"].includes(parentName ?? ""),
  );
  if (helper === undefined) throw new Error("No helper was found");
  process.kill(helper.pid, "SIGKILL");
}

/** Kills the server's processes of the session's connection. */
async function severConnection({ sshd }: Testbed, session: RemoteRunnerSession): Promise<void> {
  const connections = new Set(sshd.connections());
  const connection = (await ancestryOf(session)).find(({ pid }) => connections.has(pid));
  if (connection === undefined) throw new Error("No connection was found");
  sshd.killConnections(connection.pid);
}

/** The processes from one of the session's commands up to the first, nearest first. */
async function ancestryOf(session: RemoteRunnerSession): Promise<{ pid: number; parentName: string | undefined }[]> {
  const running = (await session.commands.list()).find(({ pid, state }) => pid !== null && state === "running");
  const line: { pid: number; parentName: string | undefined }[] = [];
  let pid = running?.pid ?? (await session.commands.start({ script: "sleep 60" })).pid ?? 0;
  for (let entry = readEntry(pid); entry !== undefined && pid > 1; entry = readEntry(pid)) {
    line.push({ pid, parentName: readEntry(entry.parent)?.name });
    pid = entry.parent;
  }
  return line;
}

async function closedOnFailure<Value>(bed: Testbed, work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    await bed[Symbol.asyncDispose]();
    throw error;
  }
}
