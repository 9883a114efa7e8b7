import type { RunnerCapabilities } from "../capabilities.js";
import type { JsonObject } from "../json.js";
import { runnerCapabilitiesSchema } from "../schemas/capabilities-schema.js";
import * as artifact from "./artifact.js";
import * as capabilities from "./capabilities.js";
import * as command from "./command.js";
import * as destination from "./destination.js";
import * as file from "./file.js";
import * as manifest from "./manifest.js";
import * as mount from "./mount.js";
import * as port from "./port.js";
import * as references from "./references.js";
import * as remoteWorkspace from "./remote-workspace.js";
import { SeedReader } from "./seed-reader.js";
import * as sessionState from "./session-state.js";
import { wrongField } from "./wrong-field.js";

/** How one type is read and written when its value comes from outside. */
export interface SeedCodec {
  /** From the seed's JSON to our form. Throws `invalid_request`, which names the field. */
  decode(value: unknown): unknown;
  /** From our form, as JSON too, to the seed's JSON. Throws `invalid_request`, which names the field. */
  encode(value: unknown): JsonObject;
}

/** Our form is read by the decoder, which accepts camelCase, so that what is written was checked. */
function codec<Value>(decode: (value: unknown) => Value, encode: (value: Value) => JsonObject): SeedCodec {
  return { decode, encode: (value) => encode(decode(value)) };
}

/** Our form has modes where the seed has yes and no, so each direction reads its own. */
const capabilitiesCodec: SeedCodec = {
  decode: capabilities.decodeCapabilities,
  encode(value) {
    const reader = new SeedReader(value, "capabilities");
    // The seed's own yes and no would otherwise pass for capabilities with no mode at all.
    for (const facet of ["commands", "files"]) {
      if (!reader.has(facet)) throw reader.wrong(facet, "an object of modes");
    }
    return capabilities.encodeCapabilities(parseModes(value, "capabilities", ""));
  },
};

const mountCapabilitiesCodec: SeedCodec = {
  decode: capabilities.decodeMountCapabilities,
  encode(value) {
    if (value === undefined) throw wrongField("mount capabilities", "", "an object", value);
    return capabilities.encodeMountCapabilities(parseModes({ mounts: value }, "mount capabilities", "mounts").mounts);
  },
};

/** A mode that is not known counts as the weakest of its field; one that is no string is refused. */
function parseModes(value: unknown, what: string, prefix: string): RunnerCapabilities {
  const parsed = runnerCapabilitiesSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const path = (parsed.error.issues[0]?.path ?? []).map(String);
  const found = path.reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], value);
  throw wrongField(what, (prefix === "" ? path : path.slice(1)).join("."), "a mode", found);
}

/** Every type of the seed, by the name that the command line knows it by. */
export const seedCodecs: Readonly<Record<string, SeedCodec>> = {
  capabilities: capabilitiesCodec,
  "mount-capabilities": mountCapabilitiesCodec,
  destination: codec(destination.decodeDestination, destination.encodeDestination),
  manifest: codec(manifest.decodeManifest, manifest.encodeManifest),
  "manifest-entry": codec(manifest.decodeManifestEntry, manifest.encodeManifestEntry),
  mount: codec(mount.decodeMount, mount.encodeMount),
  "mount-intent": codec(mount.decodeMountIntent, mount.encodeMountIntent),
  "secret-ref": codec(references.decodeSecretRef, references.encodeSecretRef),
  "snapshot-ref": codec(references.decodeSnapshotRef, references.encodeSnapshotRef),
  "session-state": codec(sessionState.decodeSessionState, sessionState.encodeSessionState),
  "thread-binding": codec(destination.decodeThreadBinding, destination.encodeThreadBinding),
  "remote-workspace": {
    decode: remoteWorkspace.decodeRemoteWorkspace,
    encode: remoteWorkspace.encodeRemoteWorkspace,
  },
  "command-request": codec(command.decodeCommandRequest, command.encodeCommandRequest),
  "command-result": codec(command.decodeCommandResult, command.encodeCommandResult),
  "file-read-request": codec(file.decodeFileReadRequest, file.encodeFileReadRequest),
  "file-read-result": codec(file.decodeFileReadResult, file.encodeFileReadResult),
  "file-write-request": codec(file.decodeFileWriteRequest, file.encodeFileWriteRequest),
  "port-request": codec(port.decodePortRequest, port.encodePortRequest),
  "port-result": codec(port.decodePortResult, port.encodePortResult),
  "artifact-request": codec(artifact.decodeArtifactRequest, artifact.encodeArtifactRequest),
  "artifact-result": codec(artifact.decodeArtifactResult, artifact.encodeArtifactResult),
};
