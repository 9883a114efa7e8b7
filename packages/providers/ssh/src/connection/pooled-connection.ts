import type { ConnectionHub } from "./connection-hub.js";
import type { SshConnection } from "./ssh-connection.js";

/** How many commands a stock server lets one connection have is 10, and it frees each later than we hear of it. */
const usualLimit = 8;
/** So many sessions have a channel each, which is the faster way for large amounts of data. What is more goes through the hub. */
const ownChannels = 1;

/** One connection of the pool: being made, in use, or kept for a while. */
export class PooledConnection {
  readonly ready: Promise<SshConnection>;
  readonly hub: ConnectionHub;
  #connection: SshConnection | undefined;
  #commands = 0;
  /** Of the commands those that are the hub, which keeps nothing open. */
  #hubs = 0;
  #users = 0;
  /** Of the users those that are themselves kept for a while only. */
  #idleUsers = 0;
  #limit = usualLimit;
  #hasOpened = false;
  #idleTimer: NodeJS.Timeout | undefined;
  readonly #idleMs: number;
  /** Whether nothing new may begin on it. */
  isOver = false;

  constructor(
    opening: Promise<SshConnection>,
    idleMs: number,
    makeHub: (self: PooledConnection) => ConnectionHub,
    onOver: (self: PooledConnection) => void,
  ) {
    this.#idleMs = idleMs;
    this.hub = makeHub(this);
    this.ready = opening;
    const over = (): void => {
      if (this.isOver) return;
      this.isOver = true;
      clearTimeout(this.#idleTimer);
      onOver(this);
    };
    opening.then((connection) => {
      this.#connection = connection;
      connection.onEnd(over);
      this.#settle();
    }, over);
  }

  /** How many commands run on it; `undefined` when it takes no more. */
  get load(): number | undefined {
    return this.isOver || this.#commands >= this.#limit ? undefined : this.#commands;
  }

  /** Whether the next session had better go through the hub than have a channel of its own. */
  get prefersHub(): boolean {
    return !this.isOver && this.hub.isUsable && this.#commands - this.#hubs >= ownChannels;
  }

  get isReady(): boolean {
    return this.#connection !== undefined;
  }

  /** Takes a command's place. What comes back gives it up, once. */
  takeCommand(): () => void {
    this.#commands++;
    const release = this.hold();
    let isReleased = false;
    return () => {
      if (isReleased) return;
      isReleased = true;
      this.#commands--;
      release();
    };
  }

  /** Takes the place of the hub, for which the connection is not kept open: for what goes through it, it is. */
  takeHub(): () => void {
    this.#commands++;
    this.#hubs++;
    let isReleased = false;
    return () => {
      if (isReleased) return;
      isReleased = true;
      this.#commands--;
      this.#hubs--;
    };
  }

  /** Keeps it open. What comes back lets go, once. */
  hold(): () => void {
    this.#users++;
    this.#settle();
    let isReleased = false;
    return () => {
      if (isReleased) return;
      isReleased = true;
      this.#users--;
      this.#settle();
    };
  }

  /** Keeps it open for a connection that leads through it, for as long as that one is open. */
  holdFor(through: SshConnection): void {
    const release = this.hold();
    let isIdle = false;
    const setIdle = (value: boolean): void => {
      if (value === isIdle) return;
      isIdle = value;
      this.#idleUsers += value ? 1 : -1;
      this.#settle();
    };
    through.onHold = (isHeld) => setIdle(!isHeld);
    through.onEnd(() => {
      setIdle(false);
      release();
    });
  }

  commandOpened(): void {
    this.#hasOpened = true;
  }

  /** The server would not take one more command: so many are all. Returns whether it ever took one. */
  commandRefused(): boolean {
    // With the last one refused, too, nothing more begins here: what has ended is freed over there later than here.
    this.#limit = Math.min(this.#limit, this.#commands - 1);
    return this.#hasOpened || this.#limit > 0;
  }

  #settle(): void {
    clearTimeout(this.#idleTimer);
    const connection = this.#connection;
    if (connection === undefined || this.isOver) return;
    connection.hold(this.#users > this.#idleUsers);
    if (this.#users > 0) return;
    this.#idleTimer = setTimeout(() => connection.close(), this.#idleMs);
    this.#idleTimer.unref();
  }
}
