import { type RemoteRunnerSession, RunnerError, type RunnerErrorCode } from "@mooring/api";
import { type Check, needsAll, needsCommands, needsFiles } from "../../check.js";
import type { CheckContext } from "../../check-context.js";
import { collectBytes, collectItems, streamOf } from "../../support/collect.js";
import { writeTar } from "../../support/tar-writer.js";
import { plantLinks, surroundings, waysOut } from "./outside.js";

interface Verb {
  readonly name: string;
  readonly title: string;
  /** What the verb does with a path that leads to a file outside. */
  use(session: RemoteRunnerSession, path: string): Promise<unknown>;
  /** Which end of the path it acts on: a final link may be acted on itself. */
  readonly actsOnLink?: boolean;
  /** The verb wants a directory: the path's last name is taken away. */
  readonly onDirectory?: boolean;
  readonly needsArchive?: boolean;
  readonly needsWatch?: boolean;
}

const limits = { maxEntries: 10, maxTotalBytes: 10_000 };

const verbs: readonly Verb[] = [
  { name: "read", title: "reads", use: ({ files }, path) => files.read(path) },
  {
    name: "read-stream",
    title: "streams",
    use: async ({ files }, path) => await collectBytes(await files.readStream(path)),
  },
  { name: "stat", title: "looks at", use: ({ files }, path) => files.stat(path) },
  { name: "write", title: "writes", use: ({ files }, path) => files.write(path, "overwritten") },
  {
    name: "write-new",
    title: "makes",
    use: ({ files }, path) => files.write(`${parentOf(path)}new`, "made", { createParents: true }),
    onDirectory: true,
  },
  {
    name: "list",
    title: "lists",
    use: ({ files }, path) => collectItems(files.list(parentOf(path))),
    onDirectory: true,
  },
  {
    name: "glob",
    title: "globs",
    use: ({ files }, path) => collectItems(files.glob("**", { cwd: parentOf(path) })),
    onDirectory: true,
  },
  { name: "grep", title: "searches", use: ({ files }, path) => collectItems(files.grep("canary", { path })) },
  {
    name: "make-directory",
    title: "makes a directory in",
    use: ({ files }, path) => files.makeDirectory(`${parentOf(path)}made/deeper`),
    onDirectory: true,
  },
  { name: "remove", title: "removes", use: ({ files }, path) => files.remove(path), actsOnLink: true },
  {
    name: "remove-recursive",
    title: "removes the tree of",
    use: ({ files }, path) => files.remove(parentOf(path), { recursive: true }),
    onDirectory: true,
    actsOnLink: true,
  },
  {
    name: "rename-from",
    title: "moves away",
    use: ({ files }, path) => files.rename(path, "stolen"),
    actsOnLink: true,
  },
  { name: "rename-to", title: "moves over", use: ({ files }, path) => files.rename("inside", path), actsOnLink: true },
  { name: "copy-from", title: "copies away", use: ({ files }, path) => files.copy(path, "stolen"), actsOnLink: true },
  { name: "copy-to", title: "copies over", use: ({ files }, path) => files.copy("inside", path) },
  {
    name: "watch",
    title: "watches",
    use: async ({ files }, path) => await (await files.watch(parentOf(path)))[Symbol.asyncDispose](),
    onDirectory: true,
    needsWatch: true,
  },
  {
    name: "archive",
    title: "archives",
    use: async ({ files }, path) => await collectBytes(await files.archive(parentOf(path))),
    onDirectory: true,
    needsArchive: true,
  },
  {
    name: "extract",
    title: "extracts into",
    use: ({ files }, path) =>
      files.extract(parentOf(path), streamOf(writeTar([{ name: "new", contents: "x" }])), limits),
    onDirectory: true,
    needsArchive: true,
  },
  {
    name: "cwd",
    title: "starts a command in",
    use: ({ commands }, path) => commands.run({ script: "pwd", cwd: parentOf(path) }),
    onDirectory: true,
  },
];

/** The path without its last name, ending in a slash. */
function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/") + 1);
}

export const pathChecks: readonly Check[] = verbs.map((verb) => ({
  id: `confinement.${verb.name}`,
  title: `No path, whether by \`..\`, prefix or link, ${verb.title} what lies outside the roots: each is \`path_escape\``,
  needs: needsAll(
    needsFiles,
    needsCommands,
    (capabilities) =>
      verb.needsArchive === true && capabilities.files.archive === "none" ? "files.archive is none" : undefined,
    (capabilities) =>
      verb.needsWatch === true && capabilities.files.watch === "none" ? "files.watch is none" : undefined,
  ),
  tools: ["sh", "ln"] as const,
  run: (context: CheckContext) => runVerb(context, verb),
}));

async function runVerb(context: CheckContext, verb: Verb): Promise<void> {
  const { session, base, secret, look } = await surroundings(context);
  await context.shText(plantLinks, { cwd: base });
  const before = await look();
  for (const [path, how] of waysOut(base)) {
    // A verb on a directory has no link of a file to go through.
    if (verb.onDirectory === true && !path.includes("/")) continue;
    await escapes(context, verb, session, path, how, secret);
    context.equal(
      `what lies outside after ${verb.name} by ${how}`,
      (await look()) === before ? "untouched" : "changed",
      "untouched",
    );
  }
  if (["write", "copy-to"].includes(verb.name)) {
    for (const path of ["dangling", "dangling-directory/file"]) {
      await escapes(context, verb, session, path, "a link to what is not there yet", secret);
    }
    context.equal(
      "what lies outside after dangling links",
      (await look()) === before ? "untouched" : "changed",
      "untouched",
    );
  }
}

async function escapes(
  context: CheckContext,
  verb: Verb,
  session: RemoteRunnerSession,
  path: string,
  how: string,
  secret: string,
): Promise<void> {
  const asked = `${verb.name} of ${path} (${how})`;
  const outcome = await context.outcome(asked, () => verb.use(session, path));
  const byLink = !path.includes("..") && !path.startsWith("/");
  if (!("error" in outcome)) {
    const leaked = JSON.stringify(outcome.value, (_key, value: unknown) =>
      value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : value,
    );
    if (verb.actsOnLink === true && byLink && !String(leaked).includes(secret)) {
      return await plantAgain(context);
    }
    return context.fail(`${asked}: expected path_escape`, "it went through");
  }
  // What acts on links refuses a link with a slash after it, and a path that ends in `..`, in a way of their own.
  const allowed: RunnerErrorCode[] =
    verb.actsOnLink === true && verb.onDirectory === true ? ["path_escape", "invalid_request"] : ["path_escape"];
  if (!RunnerError.is(outcome.error) || !allowed.includes(outcome.error.code)) {
    context.fail(`${asked}: expected path_escape`, outcome.error);
  }
}

/** A verb that acts on the link itself has taken it away or replaced it, as it may; what lies outside is looked at next. */
async function plantAgain(context: CheckContext): Promise<void> {
  await context.shText(`rm -rf workspace/*; printf inside > workspace/inside; ${plantLinks}`);
}
