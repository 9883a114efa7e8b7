import type { RunnerFileEvent } from "@mooring/api";
import { type Check, needsAll, needsCommands, needsFiles, needsMode } from "../../check.js";
import type { CheckContext } from "../../check-context.js";
import { within } from "../../support/deadline.js";

const needsWatch = needsAll(needsFiles, needsCommands, needsMode("files", "watch", "native", "poll"));

/** Reads events until one is wanted. */
async function eventsUntil(
  context: CheckContext,
  events: AsyncIterator<RunnerFileEvent>,
  asked: string,
  wanted: (event: RunnerFileEvent) => boolean,
): Promise<void> {
  const seen: string[] = [];
  while (true) {
    const next = await within(6_000 * context.slowness, events.next());
    if (next === "late" || next.value.done === true)
      return context.fail(`an event for ${asked}`, seen.join(" ") || "no event");
    const event = next.value.value;
    seen.push(
      event.type === "overflow" ? "overflow" : `${event.type} ${event.path.slice(event.path.lastIndexOf("/") + 1)}`,
    );
    if (wanted(event)) return context.note(asked, seen.join(" "));
  }
}

export const watchChecks: readonly Check[] = [
  {
    id: "files.watch-tells-changes",
    title: "A watch, once armed, tells what is made, changed, renamed and removed, in directories made later too",
    needs: needsWatch,
    tools: ["sh"],
    async run(context) {
      const directory = await context.directory();
      await context.shText("echo old > old; mkdir sub");
      const watch = await context.session.files.watch(directory);
      context.afterwards(async () => await watch[Symbol.asyncDispose]());
      const events = watch[Symbol.asyncIterator]();
      const about =
        (name: string, ...types: RunnerFileEvent["type"][]) =>
        (event: RunnerFileEvent) =>
          event.type !== "overflow" && event.path === `${directory}/${name}` && types.includes(event.type);
      await context.shText("echo x > made");
      await eventsUntil(context, events, "a new file", about("made", "created", "modified"));
      await context.shText("echo more >> old");
      await eventsUntil(context, events, "a changed file", about("old", "modified"));
      await context.shText("mv old moved");
      await eventsUntil(context, events, "a renamed file", about("moved", "renamed", "created"));
      await context.shText("rm made");
      await eventsUntil(context, events, "a removed file", about("made", "removed"));
      await context.shText("echo x > sub/inner");
      await eventsUntil(context, events, "a file in a directory", about("sub/inner", "created", "modified"));
      await context.shText("mkdir later");
      await eventsUntil(context, events, "a new directory", about("later", "created"));
      await context.shText("echo x > later/inner");
      await eventsUntil(
        context,
        events,
        "a file in a directory made later",
        about("later/inner", "created", "modified"),
      );
    },
  },
  {
    id: "files.watch-ends",
    title: "Disposing of a watch ends its iteration; a missing path is `not_found`",
    needs: needsWatch,
    async run(context) {
      const directory = await context.directory();
      const watch = await context.session.files.watch(directory, { recursive: false });
      const next = watch[Symbol.asyncIterator]().next();
      await watch[Symbol.asyncDispose]();
      const ended = await within(5_000 * context.slowness, next);
      context.that("the iteration to end", ended !== "late" && ended.value.done === true, ended);
      await context.rejects("a missing path", () => context.session.files.watch(`${directory}/missing`), "not_found");
    },
  },
];
