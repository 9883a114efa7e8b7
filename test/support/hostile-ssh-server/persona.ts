import type { Socket } from "node:net";
import type { AuthContext, Connection, ServerChannel } from "ssh2";
import type { Wire } from "./wire.js";

/** A way to be hostile. Its name is in kebab case. */
export type Persona = RawPersona | SshPersona | FramePersona;

/** Speaks no SSH, or not for long. */
export interface RawPersona {
  readonly kind: "raw";
  readonly name: string;
  serve(socket: Socket): void;
}

/** Speaks SSH, and does wrong in it. What it leaves out is done as a good server does it. */
export interface SshPersona {
  readonly kind: "ssh";
  readonly name: string;
  /** @default lets everybody in */
  authenticate?(context: AuthContext, connection: Connection, wire: Wire): void;
  /** Somebody was let in. */
  ready?(connection: Connection, wire: Wire): void;
  /** What is done instead of answering a request for a channel. */
  channel?(accept: () => void, reject: () => void, wire: Wire): void;
  /** What is done instead of answering a request to run a command. */
  exec?(accept: () => ServerChannel, reject: () => void, command: string): void;
  /** @default true: anything that a client asks about the connection, such as for a sign of life, is answered */
  readonly answersRequests?: boolean;
}

/** A real helper, with somebody between it and the client who changes what it says. */
export interface FramePersona {
  readonly kind: "frames";
  readonly name: string;
  /** Called for each connection to a helper: what it returns is called for each of the helper's frames, and says what is sent instead. */
  liar(): (frame: HelperFrame) => Iterable<Buffer>;
}

/** One frame of the helper's protocol. */
export interface HelperFrame {
  readonly type: number;
  readonly id: number;
  readonly payload: Buffer;
  /** With its header. */
  readonly whole: Buffer;
}
