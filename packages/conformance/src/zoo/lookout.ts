import type { RemoteRunnerSession } from "@mooring/api";

/** A process of the zoo that was seen: by the mark that it carries. */
export interface Sighting {
  /** Of which animal of the scene. */
  readonly index: number;
  /** Whether it is one that the command left behind, and not the command itself. */
  readonly isOffspring: boolean;
}

/**
 * Looks for the marked processes of one scene, from a session of the place that nobody ends. One program searches them all, so
 * that a look costs about as much as a command that does nothing.
 */
export class Lookout {
  readonly #session: RemoteRunnerSession;
  readonly #scene: string;
  /** Where the commands of the scene run, and their offspring leaves its traces. */
  readonly directory: string;

  /** @param scene a word of `A-Z a-z 0-9 -` that nothing else contains */
  constructor(session: RemoteRunnerSession, scene: string, directory: string) {
    this.#session = session;
    this.#scene = scene;
    this.directory = directory;
  }

  /** What the command itself carries, in its script and its environment. */
  markOf(index: number): string {
    return `${this.#scene}-${index}-`;
  }

  /** What its offspring carries in its arguments, which nobody can clear. */
  offspringMarkOf(index: number): string {
    return `${this.markOf(index)}offspring`;
  }

  /** By arguments alone, which is quick; `everywhere` also searches environments. */
  async look(everywhere = false): Promise<readonly Sighting[]> {
    const { stdout, exit, reason } = await this.#session.commands.run({
      script: searchScript(this.#scene, everywhere),
      cwd: this.directory,
      graceMs: 0,
      timeoutMs: 30_000,
    });
    if (exit.kind !== "code" || exit.code !== 0) {
      throw new Error(`A look for processes ended by ${reason} with ${JSON.stringify(exit)}`);
    }
    const found = new Map<string, Sighting>();
    const [processes = "", before = "", after = ""] = stdout.text().split("traces\n");
    const sizes = new Set(before.split("\n"));
    // One that beats is seen by its trace, which has grown while we looked.
    const grown = after.split("\n").filter((line) => line.includes(this.#scene) && !sizes.has(line));
    for (const line of [...processes.split("\n"), ...grown]) {
      const [, index, tag = ""] = new RegExp(`${this.#scene}-(\\d+)-([a-z]*)`).exec(line) ?? [];
      if (index === undefined) continue;
      const isOffspring = tag === "offspring";
      found.set(`${index} ${isOffspring}`, { index: Number(index), isOffspring });
    }
    return [...found.values()];
  }
}

// The first letter is a bracket expression, so that the search does not find itself. A zombie has neither arguments nor environment.
function searchScript(scene: string, everywhere: boolean): string {
  const pattern = `[${scene.charAt(0)}]${scene.slice(1)}-[0-9]*-[a-z]*`;
  const files = everywhere ? "/proc/[0-9]*/cmdline /proc/[0-9]*/environ" : "/proc/[0-9]*/cmdline";
  // A starved hopper gets more time in the look that decides.
  const traces = `wc -c ${scene}-* 2>/dev/null`;
  return `
before=$(${traces})
if [ -r /proc/self/cmdline ]; then
  binary=-a; grep -a . /dev/null 2>/dev/null; [ $? -le 1 ] || binary=
  grep $binary -o '${pattern}' ${files} /dev/null 2>/dev/null
else
  ps -Aww -o pid=,args= 2>/dev/null | grep '${pattern}'
fi
${everywhere ? "sleep 0.3" : ""}
echo traces; echo "$before"
echo traces; ${traces}
:`;
}
