import { expected } from "@mooring/provider-kit";
import { hostNameSchema, userNameSchema } from "./config-schema.js";

/** A host as a person writes it: `[user@]host[:port]`, an IPv6 address in brackets. */
export interface HostText {
  readonly user?: string;
  readonly host: string;
  readonly port?: number;
}

/** Reads `[user@]host[:port]`. `option` names where it stood, for the error. */
export function parseHostText(option: string, text: string): HostText {
  const match = /^(?:(?<user>.+)@)?(?:\[(?<address>[^\]]+)\]|(?<name>[^@:[\]]+))(?::(?<port>\d{1,5}))?$/.exec(text);
  const { user, address, name, port } = match?.groups ?? {};
  const host = address ?? name;
  const portNumber = port === undefined ? undefined : Number(port);
  const isGood =
    host !== undefined &&
    hostNameSchema.safeParse(host).success &&
    (user === undefined || userNameSchema.safeParse(user).success) &&
    (portNumber === undefined || (portNumber >= 1 && portNumber <= 65_535));
  if (!isGood) throw expected(option, "[user@]host[:port]", text);
  return {
    host,
    ...(user === undefined ? {} : { user }),
    ...(portNumber === undefined ? {} : { port: portNumber }),
  };
}

/** `[user@]host[:port]` again. */
export function hostText({ user, host, port }: HostText): string {
  const name = host.includes(":") ? `[${host}]` : host;
  return `${user === undefined ? "" : `${user}@`}${name}${port === undefined ? "" : `:${port}`}`;
}
