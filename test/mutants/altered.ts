import type { RemoteRunnerProvider, RemoteRunnerSession, RunnerCommand } from "@mooring/api";

type Alteration<Target> = { readonly [Name in keyof Target]?: Target[Name] };

/** An object as it is but for some of its members. Methods keep their own `this`. */
export function altered<Target extends object>(target: Target, alter: (target: Target) => Alteration<Target>): Target {
  const changes = alter(target);
  return new Proxy(target, {
    get(object, name) {
      if (Object.hasOwn(changes, name)) return Reflect.get(changes, name);
      const value: unknown = Reflect.get(object, name, object);
      return typeof value === "function" ? value.bind(object) : value;
    },
  });
}

/** A provider all of whose sessions are altered. */
export function withSessions(
  provider: RemoteRunnerProvider,
  alter: (session: RemoteRunnerSession) => Alteration<RemoteRunnerSession>,
): RemoteRunnerProvider {
  return altered(provider, (own) => ({
    createSession: async (destination, options) => altered(await own.createSession(destination, options), alter),
    resumeSession: async (destination, state, options) => {
      const resumed = await own.resumeSession(destination, state, options);
      return { ...resumed, session: altered(resumed.session, alter) };
    },
  }));
}

/** A provider all of whose files facets are altered. */
export function withFiles(
  provider: RemoteRunnerProvider,
  alter: (
    files: RemoteRunnerSession["files"],
    session: RemoteRunnerSession,
  ) => Alteration<RemoteRunnerSession["files"]>,
): RemoteRunnerProvider {
  return withSessions(provider, (session) => ({
    files: altered(session.files, (files) => alter(files, session)),
  }));
}

type Commands = RemoteRunnerSession["commands"];

/** A provider all of whose commands facets are altered; `run` is `start` and `result()` again. */
export function withCommands(
  provider: RemoteRunnerProvider,
  alter: (commands: Commands) => Alteration<Commands>,
): RemoteRunnerProvider {
  return withSessions(provider, (session) => ({
    commands: altered(session.commands, (commands) => {
      const changes = alter(commands);
      const start = changes.start ?? ((request, options) => commands.start(request, options));
      return {
        run: async (request, options) => await (await start(request, options)).result(),
        ...changes,
      };
    }),
  }));
}

/** A provider all of whose command handles are altered. */
export function withHandles(
  provider: RemoteRunnerProvider,
  alter: (command: RunnerCommand, request: Parameters<Commands["start"]>[0]) => Alteration<RunnerCommand>,
): RemoteRunnerProvider {
  return withCommands(provider, (commands) => ({
    start: async (request, options) =>
      altered(await commands.start(request, options), (command) => alter(command, request)),
  }));
}
