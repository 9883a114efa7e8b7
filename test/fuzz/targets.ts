import type { FuzzTarget } from "./engine/fuzz-target.js";
import { conversation } from "./targets/conversation.js";
import { frameDecoder, textFrames } from "./targets/frame-decoder.js";
import { globPatterns } from "./targets/glob-patterns.js";
import { handshake } from "./targets/handshake.js";
import { helperExtract } from "./targets/helper-extract.js";
import { locations } from "./targets/locations.js";
import { perlHelper } from "./targets/perl-helper.js";
import { printableText } from "./targets/printable-text.js";
import { records } from "./targets/records.js";
import { resumeMemory, resumeUnixLocal } from "./targets/resume-state.js";
import { schemas } from "./targets/schemas.js";
import { seedCodecRoundTrips } from "./targets/seed-codecs.js";
import { shellParsers } from "./targets/shell-parsers.js";
import { tarReader } from "./targets/tar-reader.js";
import { toolArguments } from "./targets/tool-arguments.js";

/** Everything that takes what it cannot trust. */
export const fuzzTargets: readonly FuzzTarget[] = [
  frameDecoder,
  textFrames,
  records,
  handshake,
  conversation,
  perlHelper,
  helperExtract,
  ...schemas,
  seedCodecRoundTrips,
  resumeMemory,
  resumeUnixLocal,
  toolArguments,
  globPatterns,
  shellParsers,
  tarReader,
  locations,
  printableText,
];
