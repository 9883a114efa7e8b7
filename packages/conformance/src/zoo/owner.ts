import type {
  RemoteRunnerProvider,
  RemoteRunnerSession,
  RunnerCommand,
  RunnerCommandResult,
  RunnerDestination,
  RunnerOutputCursor,
  RunnerSessionState,
} from "@mooring/api";
import type { OwnerEnding, OwnerPage, OwnerTask } from "./owner-protocol.js";

/** What the module of the fact `owner` exports. */
export interface OwnerPlace {
  readonly provider: RemoteRunnerProvider;
  readonly destination: RunnerDestination;
}

/** Does what an owner process is asked for. */
export class Owner {
  readonly #place: OwnerPlace;
  #session: RemoteRunnerSession | undefined;
  #held: RunnerCommand | undefined;
  readonly #started: RunnerCommand[] = [];

  constructor(place: OwnerPlace) {
    this.#place = place;
  }

  async do(task: OwnerTask, tell: (part: OwnerPage) => void): Promise<unknown> {
    const { provider, destination } = this.#place;
    switch (task.kind) {
      case "open":
        this.#session = await provider.createSession(destination, task.options);
        return this.#session.state();
      case "resume": {
        const state = task.state as RunnerSessionState;
        const { session, outcome } = await provider.resumeSession(destination, state, task.options);
        this.#session = session;
        return outcome;
      }
      case "start":
        await Promise.all(
          task.requests.map(async (request) => {
            const command = await this.#opened.commands.start(request);
            this.#started.push(command);
            await command.read(undefined, { waitMs: 20_000 });
          }),
        );
        return null;
      case "results":
        return await Promise.all(this.#started.splice(0).map(async (command) => endingOf(await command.result())));
      case "hold":
        this.#held =
          task.request === undefined
            ? await this.#opened.commands.attach(task.commandId)
            : await this.#opened.commands.start(task.request);
        return null;
      case "read":
        return await this.#read(task.cursor, tell);
      case "destroy":
        await this.#opened.destroy();
        return null;
    }
  }

  get #opened(): RemoteRunnerSession {
    if (this.#session === undefined) throw new Error("No session is open");
    return this.#session;
  }

  async #read(from: RunnerOutputCursor, tell: (part: OwnerPage) => void): Promise<OwnerEnding> {
    const command = this.#held;
    if (command === undefined) throw new Error("No command is held");
    let cursor = from;
    while (true) {
      const page = await command.read(cursor, { waitMs: 10_000, maxBytes: 16_384 });
      cursor = page.cursor;
      tell({
        chunks: page.chunks.map(({ stream, offset, bytes }) => ({
          stream,
          offset,
          bytes: Buffer.from(bytes).toString("base64"),
        })),
        cursor,
      });
      if (page.ended) return endingOf(await command.result());
    }
  }
}

function endingOf({ reason, exit, stdout, stderr }: RunnerCommandResult): OwnerEnding {
  return { reason, exit, stdoutBytes: stdout.totalBytes, stderrBytes: stderr.totalBytes };
}
