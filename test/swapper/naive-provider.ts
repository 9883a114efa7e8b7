import type { RemoteRunnerProvider, RemoteRunnerSession } from "@mooring/api";
import { altered } from "../mutants/altered.js";
import { naivePaths } from "./naive/naive-paths.js";
import { naiveReading } from "./naive/naive-reading.js";
import { naiveWriting } from "./naive/naive-writing.js";

/**
 * The provider with files done in the way that everybody tries first: the real path is asked for and compared with the
 * workspace, and then used. Between the two something else may run. Only sessions with a workspace of their own are so: the
 * races look at what is outside with another.
 */
export function naiveProvider(provider: RemoteRunnerProvider): RemoteRunnerProvider {
  return altered(provider, (own) => ({
    async createSession(destination, options) {
      const session = await own.createSession(destination, options);
      return options?.workspace === undefined ? session : await naiveSession(session);
    },
  }));
}

async function naiveSession(session: RemoteRunnerSession): Promise<RemoteRunnerSession> {
  const paths = await naivePaths(session.workspace);
  return altered(session, () => ({
    files: altered(session.files, () => ({ ...naiveReading(paths), ...naiveWriting(paths) })),
    commands: altered(session.commands, (commands) => ({
      async run(request, options) {
        if (request.cwd === undefined || request.program === undefined) return await commands.run(request, options);
        const { program, args = [], cwd, ...rest } = request;
        const script = 'cd "$1" && shift && exec "$@"';
        const directory = await paths.checked(cwd);
        return await commands.run(
          { ...rest, program: "sh", args: ["-c", script, "sh", directory, program, ...args] },
          options,
        );
      },
    })),
  }));
}
