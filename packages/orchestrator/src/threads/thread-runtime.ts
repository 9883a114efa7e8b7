import type { ThreadRecord } from "../bindings/thread-record.js";
import { CommandRegistry } from "../commands/command-registry.js";
import type { SessionOpening } from "../sessions/open-session.js";
import { ThreadSession } from "../sessions/thread-session.js";

/** What this process holds of one binding. */
export class ThreadRuntime {
  readonly threadId: string;
  readonly bindingId: string;
  readonly session: ThreadSession;
  readonly commands = new CommandRegistry();

  constructor(opening: SessionOpening, record: ThreadRecord) {
    this.threadId = record.threadId;
    this.bindingId = record.bindingId;
    this.session = new ThreadSession(opening, record.threadId, record.bindingId);
  }
}
