import { RunnerError } from "@mooring/api";
import { seedCodecs } from "@mooring/api/seed";
import type { FuzzTarget, Json } from "../engine/fuzz-target.js";
import { requireNoPollution, requirePlain } from "../oracles/pollution.js";
import { outcomeOf } from "../oracles/refusal.js";
import { requireSame, requireThat } from "../oracles/violation.js";
import { exoticWords, revived } from "../support/exotic.js";
import { destinations, manifests, mounts, states } from "../support/valid-values.js";

const values: Readonly<Record<string, readonly Json[]>> = {
  capabilities: [
    {
      command_exec: true,
      file_read: true,
      file_write: true,
      port_preview: false,
      snapshots: false,
      cancellation: true,
      mounts: { s3: true },
    },
  ],
  "mount-capabilities": [{ s3: true, azure_blob: false }],
  destination: destinations,
  manifest: manifests,
  "manifest-entry": [{ source: "a", target: "b", writable: false }],
  mount: mounts,
  "mount-intent": [{ kind: "s3", uri: "s3://x", credentials: { id: "k" } }],
  "secret-ref": [{ id: "k", value: "dropped" }],
  "snapshot-ref": [{ provider_id: "p", snapshot_id: "s", metadata: { a: 1 } }],
  "session-state": states,
  "thread-binding": [{ destination: destinations[1] ?? null, workspace: "/srv", read_roots: ["/usr"] }],
  "remote-workspace": [{}],
  "command-request": [
    { command_id: "c", program: "sh", args: ["-c", "true"], cwd: null, env: [["A", "b"]], timeout_ms: 5 },
  ],
  "command-result": [{ command_id: "c", exit_code: null, stdout: "a\0", stderr: "" }],
  "file-read-request": [{ path: "a" }],
  "file-read-result": [{ path: "a", contents: "aGVsbG8=" }],
  "file-write-request": [{ path: "a", contents: [0, 255] }],
  "port-request": [{ port: 80, label: "web" }],
  "port-result": [{ port: 80, url: null }],
  "artifact-request": [{ path: "a", recursive: true }],
  "artifact-result": [{ path: "a", artifact_id: "x", url: "u", metadata: {} }],
};

/** What a type reads, it writes, and what it wrote it reads as the same again. */
export const seedCodecRoundTrips: FuzzTarget = {
  name: "seed-codecs",
  form: "json",
  covers: ["packages/api/src/seed"],
  seeds: Object.entries(values).flatMap(([type, seeds]) => seeds.map((value) => ({ type, value }))),
  dictionary: [
    ...Object.keys(values),
    ...exoticWords,
    "command_id",
    "commandId",
    "provider_id",
    "read_roots",
    "default_manifest",
  ],
  testInputs: 2_000,
  run(input) {
    const { type, value } = (input ?? {}) as { readonly type?: Json; readonly value?: Json };
    const codec = typeof type === "string" && Object.hasOwn(seedCodecs, type) ? seedCodecs[type] : undefined;
    if (codec === undefined || value === undefined) return;
    const codes = ["invalid_request", "unsupported"] as const;
    const given = revived(value);
    const decoded = outcomeOf(codes, () => codec.decode(given));
    outcomeOf(codes, () => codec.encode(given));
    requireNoPollution();
    if ("error" in decoded) return;
    requirePlain(decoded.value);
    const encoded = outcomeOf(codes, () => codec.encode(decoded.value));
    if ("error" in encoded) {
      requireThat(
        encoded.error.code === "unsupported",
        () => `What was read cannot be written: ${encoded.error.message}`,
      );
      return;
    }
    const text = throughText(encoded.value);
    const again = outcomeOf(codes, () => codec.decode(text));
    if ("error" in again) throw RunnerError.is(again.error) ? again.error : new Error("unreachable");
    // The seed has yes and no where we have modes: those are the same from the second time on.
    requireSame(again.value, throughModes(type, decoded.value, again.value), "A value that was written and read");
    requireSame(throughText(codec.encode(again.value)), text, "JSON that was read and written");
  },
};

function throughModes(type: Json | undefined, first: unknown, second: unknown): unknown {
  return type === "capabilities" || type === "mount-capabilities" ? second : first;
}

function throughText(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value)) as unknown;
}
