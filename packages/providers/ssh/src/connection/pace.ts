/** So many handshakes with one server at a time: a stock one drops some of those that come when ten are under way. */
const mostAtOnce = 8;

const paces = new Map<string, { running: number; readonly waiting: (() => void)[] }>();

/** Does the work when it is its turn among all that begins with this server. */
export async function paced<Value>(server: string, work: () => Promise<Value>): Promise<Value> {
  const pace = paces.get(server) ?? { running: 0, waiting: [] };
  paces.set(server, pace);
  if (pace.running >= mostAtOnce) await new Promise<void>((resolve) => pace.waiting.push(resolve));
  else pace.running++;
  try {
    return await work();
  } finally {
    // Its place goes to the next one, or away.
    const next = pace.waiting.shift();
    if (next !== undefined) next();
    else if (--pace.running === 0) paces.delete(server);
  }
}
