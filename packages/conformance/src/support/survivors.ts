import type { RemoteRunnerSession } from "@mooring/api";
import type { CheckContext } from "../check-context.js";
import { pause } from "./deadline.js";

/**
 * Looks for processes by a word in their arguments or environment, from within a session. The word is written as a
 * bracket expression, so that the search does not find itself.
 */
function searchScript(marker: string): string {
  const pattern = `[${marker.charAt(0)}]${marker.slice(1)}`;
  return `
if [ -r /proc/self/cmdline ]; then
  for file in $(grep -l '${pattern}' /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null); do
    pid=\${file#/proc/}; pid=\${pid%%/*}
    state=$(sed -n 's/^State:[[:space:]]*\\(.\\).*/\\1/p' "/proc/$pid/status" 2>/dev/null)
    case $state in Z|X|'') continue;; esac
    echo "$pid $(tr '\\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | cut -c1-120)"
  done
else
  ps -Ao pid=,args= 2>/dev/null | grep '${pattern}'
fi
:`;
}

/** The living processes that carry the marker: a line each, pid and arguments. */
export async function survivors(
  context: CheckContext,
  marker: string,
  session: RemoteRunnerSession = context.session,
): Promise<string[]> {
  const found = await context.shText(searchScript(marker), { session, cwd: "." });
  return [...new Set(found.split("\n").filter((line) => line !== ""))].map((line) => line.trim());
}

/** Nothing that carries the marker may live, however often one looks: what hops between process numbers is seen, too. */
export async function expectNoSurvivors(
  context: CheckContext,
  asked: string,
  marker: string,
  session?: RemoteRunnerSession,
): Promise<void> {
  for (let look = 0; look < 3; look += 1) {
    const found = await survivors(context, marker, session);
    if (found.length > 0) context.fail(`${asked}: expected no process left`, found.join("; "));
    if (look < 2) await pause(15);
  }
  context.note(asked, "no process left, looked three times");
}

/** Ends what carries the marker, when the check is over and the provider has failed to. */
export function endAfterwards(context: CheckContext, marker: string): void {
  context.afterwards(async () => {
    const pids = (await survivors(context, marker)).map((line) => line.split(" ")[0]);
    if (pids.length > 0) await context.sh(`kill -9 ${pids.join(" ")} 2>/dev/null; :`, { cwd: "." });
  });
}
