import type { RemoteRunnerSession, RunnerSessionState } from "@mooring/api";
import { type Check, needsAll, needsCommands, needsFiles, needsMode } from "../../check.js";
import type { CheckContext } from "../../check-context.js";

function resume(context: CheckContext, state: unknown) {
  return context.provider.resumeSession(context.destination, state as RunnerSessionState, context.sessionOptions());
}

/** What is opened by a lie must at least be what it says, and is ended again. */
async function refusedOrHarmless(
  context: CheckContext,
  asked: string,
  state: unknown,
  allowed: (session: RemoteRunnerSession) => boolean,
): Promise<void> {
  const outcome = await context.outcome(asked, () => resume(context, state));
  if ("error" in outcome) {
    await context.rejects(
      asked,
      () => Promise.reject(outcome.error),
      "invalid_request",
      "not_found",
      "conflict",
      "path_escape",
      "permission_denied",
      "unavailable",
      "corrupt",
    );
    return;
  }
  const { session } = outcome.value;
  context.afterwards(() => session.close());
  context.that(`${asked}: refused, or what was opened to be harmless`, allowed(session), [
    session.id,
    session.workspace,
  ]);
}

/** State comes back from wherever it was kept: it may have been changed there. */
export const stateChecks: readonly Check[] = [
  {
    id: "hostile.state-of-another",
    title:
      "A state with another session's id, provider state or workspace opens nothing of that session under a false name",
    needs: needsFiles,
    async run(context) {
      const directory = await context.directory();
      const { files } = context.session;
      await files.makeDirectory(`${directory}/first`);
      await files.makeDirectory(`${directory}/second`);
      const first = await context.freshSession({ workspace: `${directory}/first` });
      const second = await context.freshSession({ workspace: `${directory}/second` });
      await second.files.write("own", "second's");
      const [one, other] = [first.state(), second.state()];
      const lies: Readonly<Record<string, RunnerSessionState>> = {
        "the other's provider state": { ...one, providerState: other.providerState },
        "the other's workspace": { ...one, workspace: other.workspace },
        "the other's id": { ...one, sessionId: other.sessionId },
      };
      for (const [asked, state] of Object.entries(lies)) {
        await refusedOrHarmless(
          context,
          asked,
          state,
          (session) => session.id === state.sessionId && session.workspace !== second.workspace,
        );
      }
      await refusedOrHarmless(context, "a workspace outside", { ...one, workspace: "/etc" }, () => false);
      await refusedOrHarmless(
        context,
        "a workspace that climbs",
        { ...one, workspace: `${one.workspace}/../../../../etc` },
        () => false,
      );
      const state = second.state();
      context.equal("the second's state", [state.sessionId, state.workspace], [other.sessionId, other.workspace]);
    },
  },
  {
    id: "hostile.state-with-prototype-keys",
    title: "A state full of prototype keys, cycles of names and great depth is refused, and changes no object of ours",
    async run(context) {
      const state = (await context.freshSession()).state();
      const text = JSON.stringify(state);
      const poisoned = JSON.parse(
        text.replace(/\}$/, ',"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'),
      ) as object;
      const inside = JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}') as object;
      let deep: object = {};
      for (let level = 0; level < 5_000; level += 1) deep = { deep };
      const lies: Readonly<Record<string, unknown>> = {
        "keys of the prototype": poisoned,
        "keys of the prototype inside": { ...state, providerState: inside, metadata: inside },
        "great depth": { ...state, providerState: deep },
        "ten thousand keys": {
          ...state,
          providerState: Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`key-${index}`, "x"])),
        },
        "a list": [state],
        "getters for data": Object.defineProperty({ ...state }, "sessionId", {
          get: () => "../../x",
          enumerable: true,
        }),
      };
      for (const [asked, lie] of Object.entries(lies)) {
        await refusedOrHarmless(context, asked, lie, (session) => session.id === state.sessionId);
      }
      context.equal(
        "an object of ours",
        (Object.create(Object.prototype) as { polluted?: number }).polluted,
        undefined,
      );
    },
  },
  {
    id: "hostile.records-out-of-reach",
    title: "No confined command can change, remove or add to what the session keeps about itself",
    needs: needsAll(needsCommands, needsMode("commands", "confinement", "workspace-write")),
    tools: ["sh", "readlink"],
    async run(context) {
      const session = await context.freshSession();
      const durable = context.capabilities.commands.durable === "journal";
      const kept = durable
        ? await session.commands.start({ script: "echo kept; sleep 2; exit 5", durable: true })
        : undefined;
      // Whatever a process above the command, or beside it, holds open outside of the workspace is the session's own.
      const result = await session.commands.run({
        script: `seen=
for file in /proc/[0-9]*/fd/*; do
  target=$(readlink "$file" 2>/dev/null) || continue
  case $target in "$WORKSPACE"/*|/dev/*|/proc/*|/sys/*|*' (deleted)'|[!/]*) continue;; esac
  case $target in *mooring*) ;; *) continue;; esac
  case " $seen " in *" $target "*) continue;; esac
  seen="$seen $target"
  if [ -d "$target" ]; then directory=$target; else directory=\${target%/*}; fi
  [ -f "$target" ] && { ( : >> "$target" ) 2>/dev/null && echo "opened $target"; }
  ( : > "$directory/planted" ) 2>/dev/null && echo "planted in $directory"
done; echo "looked at$(echo $seen | wc -w)" >&2`,
        env: { WORKSPACE: session.workspace },
        timeoutMs: 10_000 * context.slowness,
        graceMs: 0,
      });
      context.note("what was tried", result.stderr.text());
      context.equal("what could be changed", result.stdout.text(), "");
      if (kept !== undefined) {
        const end = await context.settles("the durable command", kept.result());
        context.equal("its exit and output", [end.exit, end.stdout.text()], [{ kind: "code", code: 5 }, "kept\n"]);
      }
    },
  },
];
