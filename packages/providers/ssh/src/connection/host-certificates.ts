import { RunnerError } from "@mooring/api";
import type { Client } from "ssh2";
import type { Certificate } from "../keys/certificate.js";

/** What is used of the library beyond its documented interface. */
interface LibraryProtocol {
  _offer?: Offer;
  readonly _kex?: KeyExchange;
}

interface Offer {
  readonly lists: Readonly<Record<"kex" | "serverHostKey", Names>> & Readonly<Record<"cs" | "sc", DirectionNames>>;
}

interface Names {
  readonly array: readonly string[];
}

type DirectionNames = Readonly<Record<"cipher" | "mac" | "compress" | "lang", Names>>;

interface KeyExchange {
  _hostKey?: Buffer;
  readonly negotiated: { serverHostKey: string };
  getPublicKey(): Buffer;
}

/**
 * Asks the host for certificates of these kinds before plain keys, which the library has no option for. To be called before the
 * host was heard: what is asked for is sent then.
 */
export function askForCertificates(client: Client, types: readonly string[]): void {
  if (types.length === 0) return;
  const protocol = protocolOf(client);
  const { _offer: offer } = protocol;
  if (offer === undefined) throw otherVersion();
  const { kex, serverHostKey, cs, sc } = offer.lists;
  const Same = offer.constructor as new (lists: unknown) => Offer;
  protocol._offer = new Same({
    kex: kex.array,
    serverHostKey: [...types, ...serverHostKey.array],
    cs: arrays(cs),
    sc: arrays(sc),
  });
}

/**
 * Goes on with the plain key of a certificate that was found good. What both sides hash has the certificate in it; the host signs
 * that by the plain key, under its name. To be called from the library's own question for the host's key.
 */
export function goOnWithPlainKey(client: Client, { plainKey, plainType }: Certificate): void {
  const { _kex: exchange } = protocolOf(client);
  if (exchange?._hostKey === undefined) throw otherVersion();
  exchange.negotiated.serverHostKey = plainType;
  const getPublicKey = exchange.getPublicKey.bind(exchange);
  // Our own public key is what is hashed next after the host's key, which from then on only checks the signature.
  exchange.getPublicKey = () => {
    exchange._hostKey = plainKey;
    return getPublicKey();
  };
}

function protocolOf(client: Client): LibraryProtocol {
  const { _protocol: protocol } = client as unknown as { readonly _protocol?: LibraryProtocol };
  if (protocol === undefined) throw otherVersion();
  return protocol;
}

function arrays({ cipher, mac, compress, lang }: DirectionNames) {
  return { cipher: cipher.array, mac: mac.array, compress: compress.array, lang: lang.array };
}

function otherVersion(): RunnerError {
  return new RunnerError("internal", "This version of ssh2 is not the one that host certificates were made for", {
    provider: "ssh",
  });
}
