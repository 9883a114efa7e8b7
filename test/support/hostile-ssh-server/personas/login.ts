import { escapes } from "../flooding.js";
import type { SshPersona } from "../persona.js";

const message = { disconnect: 1, userAuthFailure: 51, userAuthBanner: 53, userAuthInfoRequest: 60 } as const;

/** Those that do wrong while somebody logs in. */
export const loginPersonas: readonly SshPersona[] = [
  {
    kind: "ssh",
    name: "never-answers-a-login",
    authenticate: () => {},
  },
  {
    kind: "ssh",
    name: "banners-without-end",
    authenticate: (_context, _connection, wire) =>
      wire.flood(() => wire.send(message.userAuthBanner, "read me ".repeat(3_000), "")),
  },
  {
    kind: "ssh",
    name: "partial-success-for-ever",
    authenticate: (context) => context.reject(["publickey", "password", "keyboard-interactive"], true),
  },
  {
    kind: "ssh",
    name: "refuses-with-methods-that-are-escape-sequences",
    authenticate: (_context, _connection, wire) => wire.send(message.userAuthFailure, `${escapes},publickey`, false),
  },
  {
    kind: "ssh",
    name: "asks-questions-that-were-not-wanted",
    authenticate: (_context, _connection, wire) =>
      wire.flood(() => wire.send(message.userAuthInfoRequest, escapes, escapes, "", 1, "Password: ", false)),
  },
  {
    kind: "ssh",
    name: "disconnects-with-escape-sequences",
    authenticate: (_context, _connection, wire) => wire.send(message.disconnect, 14, escapes.repeat(700), ""),
  },
];
