export {
  decodeArtifactRequest,
  decodeArtifactResult,
  encodeArtifactRequest,
  encodeArtifactResult,
  type SeedArtifactRequest,
  type SeedArtifactResult,
} from "./seed/artifact.js";
export {
  decodeCapabilities,
  decodeMountCapabilities,
  encodeCapabilities,
  encodeMountCapabilities,
} from "./seed/capabilities.js";
export {
  decodeCommandRequest,
  decodeCommandResult,
  encodeCommandRequest,
  encodeCommandResult,
  toRunnerCommandRequest,
  toSeedCommandResult,
  type SeedCommandRequest,
  type SeedCommandResult,
} from "./seed/command.js";
export { decodeDestination, decodeThreadBinding, encodeDestination, encodeThreadBinding } from "./seed/destination.js";
export {
  decodeFileReadRequest,
  decodeFileReadResult,
  decodeFileWriteRequest,
  encodeFileReadRequest,
  encodeFileReadResult,
  encodeFileWriteRequest,
  type SeedFileContents,
  type SeedFileReadRequest,
} from "./seed/file.js";
export { decodeManifest, decodeManifestEntry, encodeManifest, encodeManifestEntry } from "./seed/manifest.js";
export { decodeMount, decodeMountIntent, encodeMount, encodeMountIntent } from "./seed/mount.js";
export {
  decodePortRequest,
  decodePortResult,
  encodePortRequest,
  encodePortResult,
  type SeedPortRequest,
  type SeedPortResult,
} from "./seed/port.js";
export { decodeSecretRef, decodeSnapshotRef, encodeSecretRef, encodeSnapshotRef } from "./seed/references.js";
export { decodeRemoteWorkspace, encodeRemoteWorkspace, type RemoteWorkspace } from "./seed/remote-workspace.js";
export { seedCodecs, type SeedCodec } from "./seed/seed-codecs.js";
export { decodeSessionState, encodeSessionState, type SeedSessionState } from "./seed/session-state.js";
