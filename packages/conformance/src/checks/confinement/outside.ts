import type { RemoteRunnerSession, RunnerSessionOptions } from "@mooring/api";
import type { CheckContext } from "../../check-context.js";
import { collectItems, decode } from "../../support/collect.js";

/** A session whose workspace has neighbours, and the eyes to see whether they were touched. */
export interface Surroundings {
  readonly session: RemoteRunnerSession;
  /** The directory that holds all of it, seen by the shared session. */
  readonly base: string;
  /** The session's workspace. */
  readonly workspace: string;
  /** What lies outside: `outside/secret`, `outside/directory/file`, and `workspace-evil/secret`. */
  readonly secret: string;
  /** Every path outside with its contents, as one text. */
  readonly look: () => Promise<string>;
}

/** Makes a workspace within the shared session's, with files beside it, and opens a session that is confined to it. */
export async function surroundings(
  context: CheckContext,
  options: (base: string) => RunnerSessionOptions = () => ({}),
): Promise<Surroundings> {
  const base = await context.directory();
  const { files } = context.session;
  const secret = context.secret();
  await files.write(`${base}/workspace/inside`, "inside", { createParents: true });
  for (const path of ["outside/secret", "outside/directory/file", "workspace-evil/secret"]) {
    await files.write(`${base}/${path}`, secret, { createParents: true });
  }
  const workspace = `${base}/workspace`;
  const session = await context.freshSession({
    ...context.sessionOptions(),
    workspace,
    readRoots: [],
    writeRoots: [],
    ...options(base),
  });
  async function look(): Promise<string> {
    const seen: string[] = [];
    for (const directory of ["outside", "workspace-evil"]) {
      for (const info of await collectItems(files.list(`${base}/${directory}`, { depth: 9 }))) {
        const contents = info.type === "file" ? decode((await files.read(info.path)).contents) : "";
        seen.push(`${info.path.slice(base.length + 1)} ${info.type} ${info.mode.toString(8)} ${contents}`);
      }
    }
    seen.push(
      `in base: ${(await collectItems(files.list(base))).map(({ path }) => path.slice(base.length + 1)).join(" ")}`,
    );
    return seen.join("\n");
  }
  return { session, base, workspace, secret, look };
}

/** Makes links in the workspace that lead out of it, in all the ways in which a link can. */
export const plantLinks = `
ln -s "$PWD/outside/secret" workspace/absolute-file
ln -s "$PWD/outside" workspace/absolute-directory
ln -s ../outside/secret workspace/relative-file
ln -s ../outside workspace/relative-directory
ln -s "$PWD/outside/new" workspace/dangling
ln -s ../outside/new-directory workspace/dangling-directory
ln -s relative-directory workspace/link-to-link
mkdir -p workspace/deep/er
ln -s ../../../outside workspace/deep/er/up
ln -s .. workspace/parent
`;

/** Paths out of the workspace to the file `secret`, and why each is one. */
export function waysOut(base: string): readonly (readonly [path: string, how: string])[] {
  return [
    ["../outside/secret", "`..`"],
    ["deep/../../outside/secret", "`..` in the middle"],
    [`${base}/outside/secret`, "an absolute path outside"],
    [`${base}/workspace/../outside/secret`, "an absolute path with `..`"],
    [`${base}/workspace-evil/secret`, "a neighbour whose name begins alike"],
    ["../workspace-evil/secret", "that neighbour by `..`"],
    ["absolute-file", "an absolute link at the end"],
    ["relative-file", "a relative link at the end"],
    ["absolute-directory/secret", "an absolute link in the middle"],
    ["relative-directory/secret", "a relative link in the middle"],
    ["link-to-link/secret", "a link to a link"],
    ["deep/er/up/secret", "a link further down"],
    ["parent/outside/secret", "a link to the parent"],
    ["relative-directory/directory/../secret", "a link and `..`"],
  ];
}
