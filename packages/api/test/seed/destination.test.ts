import {
  decodeDestination,
  decodeManifest,
  decodeManifestEntry,
  decodeMount,
  decodeMountIntent,
  decodeRemoteWorkspace,
  decodeSecretRef,
  decodeSessionState,
  decodeSnapshotRef,
  decodeThreadBinding,
  encodeDestination,
  encodeMount,
  encodeMountIntent,
  encodeRemoteWorkspace,
  encodeSessionState,
  encodeThreadBinding,
  seedCodecs,
} from "@mooring/api/seed";
import { describe, expect, it } from "vitest";
import { refusal } from "./refusal.js";

describe("the seed's identifiers", () => {
  it.each([
    ["destination", { id: "", provider_id: "unix-local" }, "id"],
    ["destination", { id: "here", provider_id: "" }, "provider_id"],
    ["session-state", { provider_id: "p", session_id: "", destination_id: "d" }, "session_id"],
    ["session-state", { provider_id: "p", session_id: "s", destination_id: "" }, "destination_id"],
    ["snapshot-ref", { provider_id: "p", snapshot_id: "" }, "snapshot_id"],
    ["secret-ref", { id: "" }, "id"],
    ["command-request", { command_id: "", program: "sh" }, "command_id"],
    ["command-request", { command_id: 7, program: "sh" }, "command_id"],
  ])("of a %s are strings that are not empty: %j is refused (RO-1)", (type, value, field) => {
    const error = refusal(() => seedCodecs[type]?.decode(value));
    expect(error.code).toBe("invalid_request");
    expect(error.message).toContain(`Wrong \`${field}\` of `);
    expect(error.details).toEqual({ field });
  });
});

describe("the seed's destination", () => {
  it("needs no more than its ids (RO-5)", () => {
    expect(decodeDestination({ id: "here", provider_id: "unix-local" })).toEqual({
      id: "here",
      providerId: "unix-local",
      config: null,
      defaultManifest: { entries: [], mounts: [] },
    });
  });

  it("keeps its configuration key by key, whatever their spelling", () => {
    const config = JSON.parse(
      '{"read_roots":["/a"],"readRoots":["/b"],"__proto__":{"x_y":1},"deep":[{"snake_case":{"camelCase":null}}]}',
    ) as unknown;
    const destination = decodeDestination({ id: "here", providerId: "unix-local", config });
    expect(destination.config).toBe(config);
    expect(encodeDestination(destination)["config"]).toBe(config);
  });

  it.each(["api_key", "apiToken", "PASSWORD"])("refuses %s in it at any depth", (key) => {
    const config = { list: [{ deep: { [key]: "hunter2" } }] };
    const error = refusal(() => decodeDestination({ id: "here", provider_id: "p", config }));
    expect(error.message).toContain(`Wrong \`config.list.0.deep.${key}\` of destination`);
    expect(JSON.stringify(error)).not.toContain("hunter2");
  });

  it("keeps requirements, and refuses to lose them", () => {
    const destination = decodeDestination({
      id: "here",
      provider_id: "p",
      requirements: { cpus: 2 },
    });
    expect(destination.requirements).toEqual({ cpus: 2 });
    expect(refusal(() => encodeDestination(destination)).code).toBe("unsupported");
    expect(
      refusal(() => decodeDestination({ id: "h", provider_id: "p", requirements: { gpus: 1 } })).message,
    ).toContain("Wrong `requirements` of destination");
  });

  it("refuses a configuration that JSON cannot carry", () => {
    const when = { since: new Date(0) };
    expect(
      refusal(() =>
        encodeDestination({
          id: "here",
          providerId: "p",
          config: { when },
          defaultManifest: { entries: [], mounts: [] },
        }),
      ).message,
    ).toContain("Wrong `config.when.since` of destination: expected a value that JSON can carry");
  });

  it("refuses both spellings of one field at once", () => {
    expect(refusal(() => decodeDestination({ id: "h", provider_id: "a", providerId: "b" })).message).toContain(
      "expected one of the spellings provider_id and providerId",
    );
  });
});

describe("the seed's manifest", () => {
  it("is empty by default (RO-6)", () => {
    expect(decodeManifest({})).toEqual({ entries: [], mounts: [] });
  });

  it("has entries that say whether they are writable (RO-7)", () => {
    expect(refusal(() => decodeManifestEntry({ source: "a", target: "b" })).message).toBe(
      "Wrong `writable` of manifest entry: expected true or false, got nothing",
    );
    expect(refusal(() => decodeManifest({ entries: [{ source: "a", target: "b" }] })).message).toContain(
      "`entries.0.writable` of manifest",
    );
  });

  it("has mounts that are the provider's own by default (RO-8)", () => {
    expect(decodeMount({ name: "cache", path: ".cache", read_only: false })).toEqual({
      name: "cache",
      path: ".cache",
      readOnly: false,
      intent: { kind: "provider_native", uri: "" },
    });
  });

  it("leaves absent credentials out (RO-9)", () => {
    const encoded = encodeMountIntent({ kind: "s3", uri: "s3://bucket" });
    expect(Object.keys(encoded)).toEqual(["kind", "uri"]);
    expect(decodeMountIntent({ kind: "s3", uri: "s3://b", credentials: null })).toEqual({
      kind: "s3",
      uri: "s3://b",
    });
  });

  it.each(["s3", "gcs", "r2", "azure_blob", "box_storage", "provider_native"])(
    "knows the mount kind %s (RO-10)",
    (kind) => {
      const intent = { kind, uri: "" };
      expect(seedCodecs["mount-intent"]?.encode(intent)).toEqual(intent);
    },
  );

  it("refuses a mount kind that is none of the six (RO-10)", () => {
    expect(refusal(() => decodeMountIntent({ kind: "ftp", uri: "" })).message).toBe(
      'Wrong `kind` of mount intent: expected one of s3, gcs, r2, azure_blob, box_storage, provider_native, got "ftp" (string)',
    );
  });

  it("never keeps a secret's value (RO-11)", () => {
    expect(decodeSecretRef({ id: "r2-readonly", value: "hunter2" })).toEqual({ id: "r2-readonly" });
    const mount = encodeMount(
      decodeMount({
        name: "m",
        path: "p",
        read_only: true,
        intent: { kind: "r2", uri: "r2://b", credentials: { id: "k", value: "hunter2" } },
      }),
    );
    expect(JSON.stringify(mount)).not.toContain("hunter2");
  });
});

describe("the seed's references and states", () => {
  it("have a snapshot without metadata by default (RO-12)", () => {
    expect(decodeSnapshotRef({ provider_id: "docker", snapshot_id: "s1" })).toEqual({
      providerId: "docker",
      snapshotId: "s1",
      metadata: null,
    });
  });

  it("have a session state without snapshot and metadata by default (RO-13)", () => {
    const seed = { provider_id: "docker", session_id: "s", destination_id: "d" };
    const state = decodeSessionState(seed);
    expect(state).toEqual({
      providerId: "docker",
      sessionId: "s",
      destinationId: "d",
      snapshot: null,
      metadata: null,
    });
    expect(encodeSessionState(state)).toEqual({ ...seed, snapshot: null, metadata: null });
  });

  it("keep a session state's snapshot, and the keys inside metadata", () => {
    const seed = {
      provider_id: "docker",
      session_id: "s",
      destination_id: "d",
      snapshot: { provider_id: "docker", snapshot_id: "s1", metadata: { image_id: 1, imageId: 2 } },
      metadata: { note_one: 1, noteOne: 2 },
    };
    expect(encodeSessionState(decodeSessionState(seed))).toEqual(seed);
  });

  it("have a thread binding without read roots by default (RO-14)", () => {
    const destination = { id: "here", provider_id: "unix-local" };
    const binding = decodeThreadBinding({ destination, workspace: "/srv/app" });
    expect(binding.readRoots).toEqual([]);
    expect(encodeThreadBinding(binding)).toMatchObject({ workspace: "/srv/app", read_roots: [] });
  });

  it.each([
    [{ workspace: "srv/app" }, "workspace"],
    [{ workspace: "" }, "workspace"],
    [{ workspace: "/srv", read_roots: ["/ok", "./no"] }, "read_roots.1"],
  ])("refuse %j: paths are absolute (RO-14)", (paths, field) => {
    const destination = { id: "here", provider_id: "unix-local" };
    const error = refusal(() => decodeThreadBinding({ destination, ...paths }));
    expect(error.message).toContain(
      `Wrong \`${field}\` of thread binding: expected an absolute path, one that begins with /`,
    );
  });

  it("have no form for a remote workspace (RO-15)", () => {
    expect(refusal(() => encodeRemoteWorkspace({ root: "/srv" })).code).toBe("unsupported");
    expect(refusal(() => decodeRemoteWorkspace({ root: "/srv" })).code).toBe("unsupported");
  });
});
