import { mkdtemp, readdir, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ProviderDefinition, residentHelperCapabilities, type RunnerTransport } from "@mooring/provider-kit";
import * as z from "zod";
import { childTransport } from "./child-transport.js";
import { frameGarbage, handshakeGarbage, headerGarbage } from "./frame-garbage.js";
import { markVariable, type Place, type PlaceConfig, type PlaceRun } from "./place.js";

const searchPath = "/usr/local/bin:/usr/bin:/bin";

/** The resident helper as a child process, over a channel of this kind. */
export function helperPlace(kind: "bytes" | "text"): Place {
  const frames = frameGarbage(kind);
  return {
    name: kind,
    farSide: "helper",
    garbage: { toFarSide: { ...frames, ...headerGarbage }, fromFarSide: { ...frames, ...handshakeGarbage } },
    definition: (run) => definitionOver(run, (env) => childTransport(kind, env), searchPath),
    async [Symbol.asyncDispose]() {},
  };
}

/** A plain shell, where no Perl can be found. Its input is never changed: it would be carried out. */
export async function shellPlace(): Promise<Place> {
  const directory = await mkdtemp(join(tmpdir(), "mooring-faults-path-"));
  const names = new Map<string, string>();
  for (const from of searchPath.split(":").toReversed()) {
    for (const name of await readdir(from).catch(() => [])) names.set(name, join(from, name));
  }
  for (const [name, target] of names) if (!name.startsWith("perl")) await symlink(target, join(directory, name));
  return {
    name: "shell",
    farSide: "shell",
    garbage: {
      toFarSide: {},
      fromFarSide: {
        inserted: (chunk) => ({ now: Buffer.concat([Buffer.from("some words of a shell\n"), chunk]) }),
        random: (chunk, random) => ({ now: Buffer.from(chunk.map(() => Math.floor(random() * 256))) }),
      },
    },
    definition: (run) =>
      definitionOver(
        run,
        (env) => ({ ...childTransport("bytes", env), directUrl: (port) => `http://127.0.0.1:${port}` }),
        directory,
      ),
    async [Symbol.asyncDispose]() {
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function definitionOver(
  { directory, mark, limits }: PlaceRun,
  transport: (env: Readonly<Record<string, string>>) => RunnerTransport,
  path: string,
): ProviderDefinition<PlaceConfig> {
  const marked = { PATH: path, [markVariable]: mark };
  const reach = () =>
    transport({
      ...marked,
      HOME: directory,
      TMPDIR: join(directory, "temporary"),
      XDG_STATE_HOME: join(directory, "state"),
    });
  return {
    id: "faulty",
    configSchema: z.strictObject({ root: z.string() }),
    capabilities: residentHelperCapabilities,
    policy: () => limits,
    defaultWorkspace: ({ root }) => root,
    environment: () => marked,
    validate: async () => undefined,
    create: async () => reach(),
    attach: async () => reach(),
    connect: async () => reach(),
  };
}
