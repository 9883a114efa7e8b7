import type { FuzzTarget } from "./engine/fuzz-target.js";
import { conversation } from "./targets/conversation.js";
import { frameDecoder, textFrames } from "./targets/frame-decoder.js";
import { handshake } from "./targets/handshake.js";
import { locations } from "./targets/locations.js";
import { printableText } from "./targets/printable-text.js";
import { records } from "./targets/records.js";
import { schemas } from "./targets/schemas.js";
import { seedCodecRoundTrips } from "./targets/seed-codecs.js";
import { shellParsers } from "./targets/shell-parsers.js";
import { tarReader } from "./targets/tar-reader.js";

/** Everything that takes what it cannot trust. */
export const fuzzTargets: readonly FuzzTarget[] = [
  frameDecoder,
  textFrames,
  records,
  handshake,
  conversation,
  ...schemas,
  seedCodecRoundTrips,
  shellParsers,
  tarReader,
  locations,
  printableText,
];
