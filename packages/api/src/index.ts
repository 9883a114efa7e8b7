export type { RunnerBlobStore } from "./blob-store.js";
export {
  runnerCapabilityModes,
  type RunnerArtifactCapabilities,
  type RunnerCapabilities,
  type RunnerCommandCapabilities,
  type RunnerFileCapabilities,
  type RunnerLifecycleCapabilities,
  type RunnerMountCapabilities,
  type RunnerMountMode,
  type RunnerPortCapabilities,
  type RunnerSnapshotCapabilities,
  weakestRunnerCapabilities,
} from "./capabilities.js";
export type { RunnerDestination, RunnerRequirements } from "./destination.js";
export type { JsonObject, JsonValue } from "./json.js";
export type { RunnerManifest, RunnerManifestEntry } from "./manifest.js";
export type { RunnerMount, RunnerMountIntent, RunnerMountKind } from "./mount.js";
export type {
  ReapReport,
  RemoteRunnerProvider,
  ResumedSession,
  RunnerHost,
  RunnerResumeOptions,
  RunnerSessionInfo,
  RunnerSessionOptions,
} from "./remote-runner-provider.js";
export type {
  RemoteRunnerSession,
  RestrictedSession,
  RunnerCloseReport,
  RunnerFacets,
  RunnerPlatform,
  RunnerRestrictions,
  RunnerSessionEnd,
  RunnerSessionEndReason,
} from "./remote-runner-session.js";
export type { RunnerArtifact, RunnerArtifactRequest, RunnerArtifacts } from "./runner-artifacts.js";
export type { RunnerCallOptions, RunnerCancelReport, RunnerCommand, RunnerSignalName } from "./runner-command.js";
export type {
  RunnerCommandEnvironment,
  RunnerCommandRequest,
  RunnerCommandStdin,
  RunnerCommandTarget,
  RunnerStdinContents,
  RunnerTerminalSize,
} from "./runner-command-request.js";
export type { RunnerCommandExit, RunnerCommandReason, RunnerCommandResult } from "./runner-command-result.js";
export type { RunnerCommandInfo, RunnerCommands, RunnerStartOptions } from "./runner-commands.js";
export {
  RunnerError,
  runnerErrorCodes,
  type RunnerErrorCode,
  type RunnerErrorOptions,
  type RunnerErrorPhase,
  type RunnerErrorResource,
} from "./runner-error.js";
export type {
  RunnerExtractLimits,
  RunnerExtractReport,
  RunnerFileContents,
  RunnerFileEvent,
  RunnerFileInfo,
  RunnerFiles,
  RunnerFileType,
  RunnerGrepMatch,
  RunnerListing,
  RunnerWalkOptions,
} from "./runner-files.js";
export type { RunnerMounts } from "./runner-mounts.js";
export type {
  RunnerDroppedRange,
  RunnerOutput,
  RunnerOutputChunk,
  RunnerOutputCursor,
  RunnerOutputPage,
  RunnerOutputStream,
} from "./runner-output.js";
export type {
  RunnerConnection,
  RunnerPort,
  RunnerPortReadiness,
  RunnerPortRequest,
  RunnerPorts,
} from "./runner-ports.js";
export type { RunnerSnapshots } from "./runner-snapshots.js";
export { runnerCapabilitiesSchema } from "./schemas/capabilities-schema.js";
export {
  runnerDestinationSchema,
  runnerRequirementsSchema,
  threadRunnerBindingSchema,
} from "./schemas/destination-schema.js";
export { absolutePathSchema, nameSchema, portSchema, providerIdSchema, runnerIdSchema } from "./schemas/identifiers.js";
export { jsonObjectSchema, jsonValueSchema } from "./schemas/json-schema.js";
export {
  runnerManifestSchema,
  runnerMountKindSchema,
  runnerMountSchema,
  secretRefSchema,
} from "./schemas/manifest-schema.js";
export { describeValue, parseUntrusted } from "./schemas/parse.js";
export { showable } from "./schemas/showable.js";
export { isSecretLikeKey, secretLikeKeyIssues, type SecretLikeKeyIssue } from "./schemas/secret-keys.js";
export { runnerSessionStateSchema, runnerSnapshotRefSchema } from "./schemas/session-state-schema.js";
export type { SecretRef } from "./secret-ref.js";
export type { RunnerSessionState } from "./session-state.js";
export type { RunnerSnapshotRef } from "./snapshot-ref.js";
export type { StandardSchemaIssue, StandardSchemaResult, StandardSchemaV1 } from "./standard-schema.js";
export type { Text } from "./text.js";
export type { ThreadRunnerBinding } from "./thread-runner-binding.js";
