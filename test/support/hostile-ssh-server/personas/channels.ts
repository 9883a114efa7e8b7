import { escapes } from "../flooding.js";
import type { SshPersona } from "../persona.js";

const message = {
  ignore: 2,
  globalRequest: 80,
  channelOpen: 90,
  channelOpenConfirmation: 91,
  channelOpenFailure: 92,
  channelWindowAdjust: 93,
  channelData: 94,
  channelClose: 97,
  channelRequest: 98,
  channelSuccess: 99,
} as const;

const window = [2_097_152, 32_768] as const;

function ssh(name: string, rest: Omit<SshPersona, "kind" | "name">): SshPersona {
  return { kind: "ssh", name, ...rest };
}

/** Those that do wrong with channels. */
export const channelPersonas: readonly SshPersona[] = [
  ssh("opens-reverse-forwards-unasked", {
    ready: (_connection, wire) =>
      wire.flood((count) =>
        wire.send(message.channelOpen, "forwarded-tcpip", count, ...window, "127.0.0.1", 22, "127.0.0.1", count),
      ),
  }),
  ssh("opens-x11-unasked", {
    ready: (_connection, wire) =>
      wire.flood((count) => wire.send(message.channelOpen, "x11", count, ...window, "127.0.0.1", 6_000)),
  }),
  ssh("opens-the-agent-unasked", {
    ready: (_connection, wire) =>
      wire.flood((count) => wire.send(message.channelOpen, "auth-agent@openssh.com", count, ...window)),
  }),
  ssh("opens-sessions-unasked", {
    ready: (_connection, wire) => wire.flood((count) => wire.send(message.channelOpen, "session", count, ...window)),
  }),
  ssh("requests-without-end", {
    ready: (_connection, wire) => wire.flood(() => wire.send(message.globalRequest, `${escapes}@evil`, true)),
  }),
  ssh("ten-thousand-host-keys", {
    ready: (_connection, wire) =>
      wire.flood(() => wire.send(message.globalRequest, "hostkeys-00@openssh.com", false, "x".repeat(30_000))),
  }),
  ssh("new-keys-for-ever", { ready: (_connection, wire) => wire.flood((count) => count % 50 === 0 && wire.rekey()) }),
  ssh("never-answers-a-channel", { channel: () => {} }),
  ssh("refuses-channels", { channel: (_accept, reject) => reject() }),
  ssh("refuses-channels-with-escape-sequences", {
    channel: (_accept, _reject, wire) => wire.send(message.channelOpenFailure, 0, 1, escapes.repeat(600), ""),
  }),
  ssh("confirms-channels-that-nobody-wanted", {
    ready: (_connection, wire) =>
      wire.flood((count) => wire.send(message.channelOpenConfirmation, count, count, ...window)),
  }),
  ssh("confirms-a-channel-with-a-window-of-nothing", {
    channel: (_accept, _reject, wire) => wire.send(message.channelOpenConfirmation, 0, 0, 0, 32_768),
  }),
  ssh("confirms-a-channel-with-packets-of-nothing", {
    channel: (_accept, _reject, wire) => wire.send(message.channelOpenConfirmation, 0, 0, 2_097_152, 0),
  }),
  ssh("data-for-channels-that-are-not-there", {
    ready: (_connection, wire) => wire.flood((count) => wire.send(message.channelData, count, "x".repeat(1_000))),
  }),
  ssh("more-data-than-the-window", {
    channel: (accept, _reject, wire) => {
      accept();
      wire.flood(() => wire.send(message.channelData, 0, "x".repeat(32_000)));
    },
  }),
  ssh("a-window-that-overflows", {
    channel: (accept, _reject, wire) => {
      accept();
      wire.flood(() => wire.send(message.channelWindowAdjust, 0, 0xff_ff_ff_ff));
    },
  }),
  ssh("closes-a-channel-twice", {
    channel: (accept, _reject, wire) => {
      accept();
      wire.send(message.channelClose, 0);
      wire.send(message.channelClose, 0);
      wire.send(message.channelSuccess, 0);
    },
  }),
  ssh("exits-without-end", {
    channel: (accept, _reject, wire) => {
      accept();
      wire.flood(() => {
        wire.send(message.channelRequest, 0, "exit-status", false, 0);
        wire.send(message.channelRequest, 0, "exit-signal", false, escapes, false, escapes.repeat(400), "");
      });
    },
  }),
  ssh("no-sign-of-life", { answersRequests: false, channel: () => {} }),
  ssh("messages-that-are-to-be-ignored-without-end", {
    ready: (_connection, wire) => wire.flood(() => wire.send(message.ignore, "x".repeat(30_000))),
  }),
  ssh("messages-that-do-not-exist", {
    ready: (_connection, wire) => wire.flood((count) => wire.send(200 + (count % 50), "x")),
  }),
  ssh("messages-that-are-cut-off", {
    ready: (_connection, wire) => wire.flood((count) => wire.send(80 + (count % 20), Buffer.of(0, 0))),
  }),
];
