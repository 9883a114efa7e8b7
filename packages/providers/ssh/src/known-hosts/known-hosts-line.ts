import { createHmac, timingSafeEqual } from "node:crypto";
import { matchesPatterns } from "../openssh/pattern-list.js";
import { keyTypeOf } from "../keys/fingerprint.js";

/** One line of a known hosts file. */
export interface KnownHostsLine {
  readonly marker: "cert-authority" | "revoked" | undefined;
  readonly hosts: string;
  readonly keyType: string;
  readonly key: Buffer;
  readonly file: string;
  /** From 1. */
  readonly number: number;
}

/** Reads a known hosts file. Comments and what is no such line are left out, as `ssh` does. */
export function parseKnownHosts(text: string, file: string): KnownHostsLine[] {
  return text.split("\n").flatMap((line, index) => {
    const parsed = parseLine(line.trim(), file, index + 1);
    return parsed === undefined ? [] : [parsed];
  });
}

function parseLine(line: string, file: string, number: number): KnownHostsLine | undefined {
  if (line === "" || line.startsWith("#")) return undefined;
  const words = line.split(/[ \t]+/);
  const marker = words[0]?.startsWith("@") === true ? words.shift() : undefined;
  if (marker !== undefined && marker !== "@cert-authority" && marker !== "@revoked") return undefined;
  const [hosts, keyType, base64] = words;
  if (hosts === undefined || keyType === undefined || base64 === undefined) return undefined;
  const key = Buffer.from(base64, "base64");
  // A key that says otherwise is none that could ever be matched.
  if (keyTypeOf(key) !== keyType) return undefined;
  return {
    marker: marker === "@revoked" ? "revoked" : marker === "@cert-authority" ? "cert-authority" : undefined,
    hosts,
    keyType,
    key,
    file,
    number,
  };
}

/** Whether a line is about a host. The name is `host`, or `[host]:port` where the port is not 22. */
export function isAbout(line: KnownHostsLine, name: string): boolean {
  if (!line.hosts.startsWith("|")) return matchesPatterns(line.hosts.split(","), name);
  const [, version, salt, hash] = line.hosts.split("|");
  if (version !== "1" || salt === undefined || hash === undefined) return false;
  const expected = Buffer.from(hash, "base64");
  const actual = createHmac("sha1", Buffer.from(salt, "base64")).update(name.toLowerCase()).digest();
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

/** How known hosts files name a host. */
export function knownHostName(host: string, port: number): string {
  return port === 22 ? host : `[${host}]:${port}`;
}
