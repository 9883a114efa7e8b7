/** Where the host keeps large bytes: portable snapshots and artifacts. */
export interface RunnerBlobStore {
  /** Stores the whole body under `key`, or nothing. */
  put(key: string, body: AsyncIterable<Uint8Array>): Promise<{ sizeBytes: number; sha256: string }>;
  /** The body from a byte offset on. Rejects with `not_found`. @default from 0 */
  get(key: string, from?: number): AsyncIterable<Uint8Array>;
  delete(key: string): Promise<void>;
}
