import type { RemoteRunnerSession } from "@mooring/api";

/** A process of the zoo that was seen: by the mark that it carries. */
export interface Sighting {
  readonly pid: number;
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

  /** @param scene a word of `A-Z a-z 0-9 -` that nothing else contains */
  constructor(session: RemoteRunnerSession, scene: string) {
    this.#session = session;
    this.#scene = scene;
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
      graceMs: 0,
      timeoutMs: 30_000,
    });
    if (exit.kind !== "code" || exit.code !== 0) {
      throw new Error(`A look for processes ended by ${reason} with ${JSON.stringify(exit)}`);
    }
    const found = new Map<string, Sighting>();
    for (const line of stdout.text().split("\n")) {
      const [, inProc, first] = /^(?:\/proc\/(\d+)\/|\s*(\d+)\s)/.exec(line) ?? [];
      const [, index, tag = ""] = new RegExp(`${this.#scene}-(\\d+)-([a-z]*)`).exec(line) ?? [];
      if (index === undefined) continue;
      const sighting = { pid: Number(inProc ?? first), index: Number(index), isOffspring: tag === "offspring" };
      found.set(`${sighting.pid} ${sighting.isOffspring}`, sighting);
    }
    return [...found.values()];
  }
}

// The first letter is a bracket expression, so that the search does not find itself. A zombie has neither arguments nor environment.
function searchScript(scene: string, everywhere: boolean): string {
  const pattern = `[${scene.charAt(0)}]${scene.slice(1)}-[0-9]*-[a-z]*`;
  const files = everywhere ? "/proc/[0-9]*/cmdline /proc/[0-9]*/environ" : "/proc/[0-9]*/cmdline";
  return `
if [ -r /proc/self/cmdline ]; then
  binary=-a; grep -a . /dev/null 2>/dev/null; [ $? -le 1 ] || binary=
  grep $binary -o '${pattern}' ${files} /dev/null 2>/dev/null
else
  ps -Aww -o pid=,args= 2>/dev/null | grep '${pattern}'
fi
:`;
}
