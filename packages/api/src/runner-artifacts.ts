import type { JsonValue } from "./json.js";
import type { RunnerCallOptions } from "./runner-command.js";
import type { Text } from "./text.js";

export interface RunnerArtifactRequest {
  readonly path: Text;
  /** Exports a directory as one tar archive. @default false */
  readonly recursive?: boolean;
}

/** Something that was taken out of a session to be kept. */
export interface RunnerArtifact {
  /** The same contents at the same path give the same id. */
  readonly artifactId: string;
  readonly path: string;
  readonly url?: string;
  readonly sizeBytes: number;
  /** 64 lower-case hexadecimal digits. */
  readonly sha256: string;
  readonly mediaType: string;
  /** @default null */
  readonly metadata: JsonValue;
}

export interface RunnerArtifacts {
  export(request: RunnerArtifactRequest, options?: RunnerCallOptions): Promise<RunnerArtifact>;
}
