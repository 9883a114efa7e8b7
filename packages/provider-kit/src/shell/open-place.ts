import { RunnerError } from "@mooring/api";
import { unsupported } from "../errors/expected.js";
import type { FarSideOptions } from "../far-side/far-side.js";
import type { FileContext } from "./file-context.js";
import { ShellCall, scriptOf } from "./shell-call.js";
import type { ShellPlace } from "./shell-place.js";
import { sessionRecord } from "./session-record.js";
import { ShellRoots } from "./shell-roots.js";
import { assignments, latin1FromText, positional } from "./shell-source.js";

/** A place that is ready for a session. */
export interface OpenedPlace {
  readonly place: ShellPlace;
  readonly tools: FileContext["tools"];
  readonly roots: ShellRoots;
  /** Removes the session's state again. */
  undo(): Promise<void>;
}

/** Every session needs these; without one of them little would work, and what would could not be foreseen. */
const needed = ["find", "stat", "dd", "mv", "readlink"] as const;

/** Makes the session's state, finds its roots and looks at the tools of the place. */
export async function openPlace(
  place: ShellPlace,
  options: FarSideOptions,
  state: string,
  signal: AbortSignal,
): Promise<OpenedPlace> {
  const given = [options.root, ...options.readRoots, ...options.writeRoots];
  const operation = options.mode === "create" ? "createSession" : "resumeSession";
  const call = await ShellCall.start(
    place,
    scriptOf("05-state", "open"),
    () =>
      [
        assignments({
          session: state,
          mode: options.mode,
          create_root: options.createRoot,
          record: sessionRecord(options),
          roots: "",
          within: options.within === undefined ? undefined : latin1FromText(options.within),
        }),
        positional(given.map(latin1FromText)),
      ].join("; "),
    { operation, resource: "session", signal },
  );
  call.process.stdin.end();
  const forget = async (where: ShellPlace): Promise<void> => {
    const call = await ShellCall.start(where, scriptOf("05-state", "forget"), () => positional([state]), { operation });
    call.process.stdin.end();
    await call.answer();
  };
  const answer = await call.answer().catch(async (error: unknown) => {
    // Cut off in the middle of it, the shell could not tidy up.
    if (signal.aborted && options.mode === "create") {
      // Twice: what was in the way of the first may be what cut the opening off.
      await forget(place)
        .catch(() => forget(place))
        .catch(() => undefined);
    }
    throw error;
  });
  const text = answer.toString("latin1");
  const facts = readFacts(text, call.nonce);
  const problem = problemOf(facts, operation);
  if (problem !== undefined) {
    if (options.mode === "create") await forget(place);
    throw problem;
  }
  const tools = toolsIn(facts);
  const real = valuesOf(facts, "root");
  const roots = given.map((path, index) => ({
    real: real[index] ?? "",
    given: latin1FromText(path),
    writable: index === 0 || index > options.readRoots.length,
  }));
  const [workspace, ...others] = roots;
  if (workspace === undefined || roots.some((root) => !root.real.startsWith("/"))) {
    throw new RunnerError("corrupt", "The far side did not tell where the roots of the session are", { operation });
  }
  const [directory = ""] = valuesOf(facts, "state");
  const opened = { ...place, fullBlock: tools.fullBlock, unfinished: `${directory}/unfinished` };
  const undo = () => forget(opened);
  if (!tools.ownGroup) {
    if (options.mode === "create") await undo();
    throw unsupported(
      "Processes at this place are no session leaders, so what they start could not be ended with them",
    );
  }
  const missing = needed.filter((name) => !tools.programs.has(name));
  const { stat } = tools;
  if (stat === undefined || missing.length > 0) {
    if (options.mode === "create") await undo();
    throw unsupported(
      `The place has no ${missing.join(", ") || "`stat` that is known"}, which a session over a shell needs`,
    );
  }
  return { place: opened, tools: { ...tools, stat }, roots: new ShellRoots(workspace, others), undo };
}

type Facts = readonly (readonly [string, string])[];

const knownFacts: ReadonlySet<string> = new Set(
  "root state os arch uid gid group bash odd closes exec env stat dd grep mv sync tool nc told".split(" "),
);

/** Each fact is `name=value`, the nonce, and the end of the line; a value may have line feeds in it. */
function readFacts(text: string, nonce: string): Facts {
  return text.split(` ${nonce}\n`).map((fact) => {
    const split = fact.indexOf("=");
    return split === -1 ? [fact, ""] : [fact.slice(0, split), fact.slice(split + 1)];
  });
}

function valuesOf(facts: Facts, name: string): string[] {
  return facts.filter(([key]) => key === name).map(([, value]) => value);
}

/** What is wrong with facts as a whole: the last one says that all were told, and nothing is between them or behind it. */
function problemOf(facts: Facts, operation: string): RunnerError | undefined {
  const told = facts.findIndex(([name]) => name === "told");
  const options = { operation, retryable: null };
  if (facts.slice(0, told === -1 ? -1 : undefined).some(([name]) => name !== "" && !knownFacts.has(name))) {
    return new RunnerError("corrupt", "What the far side told of itself makes no sense", options);
  }
  if (told === -1) return new RunnerError("disconnected", "The far side did not tell all that it has", options);
  return undefined;
}

function toolsIn(facts: Facts): Omit<FileContext["tools"], "stat"> & { readonly stat: "gnu" | "bsd" | undefined } {
  const values = (name: string) => valuesOf(facts, name);
  const is = (name: string, value: string) => values(name).includes(value);
  const [os = "unknown"] = values("os");
  const [arch = "unknown"] = values("arch");
  const [env] = values("env");
  return {
    os,
    arch,
    uid: Number(values("uid")[0] ?? -1),
    gid: Number(values("gid")[0] ?? -1),
    ownGroup: is("group", "own"),
    isBash: is("bash", "1"),
    endsOptions: is("exec", "options"),
    closesAll: is("closes", "all"),
    oddNames: values("odd"),
    env,
    stat: is("stat", "gnu") ? "gnu" : is("stat", "bsd") ? "bsd" : undefined,
    fullBlock: is("dd", "fullblock"),
    skipBytes: is("dd", "bytes"),
    grepSkipsBinary: is("grep", "skips_binary"),
    exactMove: is("mv", "exact"),
    syncsFiles: is("sync", "files"),
    netcat: is("nc", "busybox") ? "busybox" : is("nc", "openbsd") ? "openbsd" : undefined,
    programs: new Set(values("tool")),
  };
}
