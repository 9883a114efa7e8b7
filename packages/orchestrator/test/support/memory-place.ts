import type { RemoteRunnerProvider, RemoteRunnerSession } from "@mooring/api";
import {
  memoryProvider,
  type MemoryConfig,
  type MemoryProvider,
  type MemoryProviderOptions,
  type ScriptedProgram,
} from "@mooring/conformance/doubles";

/** A provider in memory that counts what is asked of it, and whose opening a test can hold up or spoil. */
export interface MemoryPlace extends MemoryProvider {
  readonly created: string[];
  readonly resumed: string[];
  readonly sessions: RemoteRunnerSession[];
  /** Runs before each creation; what it throws is the creation's failure. */
  beforeCreate(this: void): Promise<void>;
  /** Runs after each creation, before the caller is told. */
  afterCreate(this: void): Promise<void>;
  beforeResume(this: void): Promise<void>;
}

export const programs: Record<string, ScriptedProgram> = {
  echo: ({ args }) => ({ stdout: `${args.join(" ")}\n` }),
  fail: () => ({ stderr: "no\n", exit: 3 }),
  killed: () => ({ exit: "SIGKILL" }),
  where: ({ cwd }) => ({ stdout: cwd }),
  env: ({ env }) => ({
    stdout: Object.entries(env)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(""),
  }),
  /** Says that it runs, and ends when it is told to. */
  serve: async (invocation) => {
    const { signal } = invocation;
    await invocation.stdout("ready\n");
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    return { exit: "SIGTERM" };
  },
  /** Gives back each line in capitals. */
  shout: async (invocation) => {
    for await (const chunk of invocation.stdin) await invocation.stdout(Buffer.from(chunk).toString().toUpperCase());
    return { stdout: "bye\n" };
  },
  /** Says so much on each stream. */
  talk: ({ args }) => ({ stdout: "out line\n".repeat(Number(args[0])), stderr: "err line\n".repeat(Number(args[1])) }),
};

export function memoryPlace(options: MemoryProviderOptions = {}): MemoryPlace {
  const inner = memoryProvider({ commands: programs, ...options });
  const place: MemoryPlace = {
    ...inner,
    created: [],
    resumed: [],
    sessions: [],
    beforeCreate: async () => undefined,
    afterCreate: async () => undefined,
    beforeResume: async () => undefined,
    async createSession(destination, sessionOptions) {
      place.created.push(sessionOptions?.sessionId ?? "");
      await place.beforeCreate();
      const session = await inner.createSession(destination, sessionOptions);
      place.sessions.push(session);
      await place.afterCreate();
      return session;
    },
    async resumeSession(destination, state, resumeOptions) {
      place.resumed.push(state.sessionId);
      await place.beforeResume();
      const resumed = await inner.resumeSession(destination, state, resumeOptions);
      place.sessions.push(resumed.session);
      return resumed;
    },
  };
  return place;
}

/** The same with a configuration that implies no workspace. */
export function withoutDefaultWorkspace(place: MemoryPlace): RemoteRunnerProvider<MemoryConfig> {
  return { ...place, defaultWorkspace: (config) => config.workspace };
}

/** A promise that is settled from outside. */
export function gate(): { readonly passed: Promise<void>; open(): void } {
  let open: () => void = () => undefined;
  const passed = new Promise<void>((resolve) => (open = resolve));
  return { passed, open: () => open() };
}
