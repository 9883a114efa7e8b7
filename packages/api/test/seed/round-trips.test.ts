import {
  decodeArtifactResult,
  decodeCommandRequest,
  decodeDestination,
  decodeMount,
  decodePortResult,
  encodeArtifactResult,
  encodeCommandRequest,
  encodeDestination,
  encodeMount,
  encodePortResult,
  seedCodecs,
} from "@mooring/api/seed";
import { describe, expect, it } from "vitest";
import { refusal } from "./refusal.js";

function throughText(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

describe("the seed's three round trips (RO-23)", () => {
  it("keep a destination with entries and mounts", () => {
    const destination = {
      id: "local",
      providerId: "unix-local",
      config: { root: "." },
      defaultManifest: {
        entries: [{ source: "src", target: "workspace/src", writable: true }],
        mounts: [
          {
            name: "cache",
            path: ".cache",
            readOnly: false,
            intent: { kind: "provider_native", uri: "" },
          },
        ],
      },
    } as const;
    const encoded = throughText(encodeDestination(destination));
    expect(encoded).toEqual({
      id: "local",
      provider_id: "unix-local",
      config: { root: "." },
      default_manifest: {
        entries: [{ source: "src", target: "workspace/src", writable: true }],
        mounts: [
          {
            name: "cache",
            path: ".cache",
            read_only: false,
            intent: { kind: "provider_native", uri: "" },
          },
        ],
      },
    });
    expect(decodeDestination(encoded)).toEqual(destination);
  });

  it("keep a command and a port", () => {
    const command = {
      commandId: "cmd-1",
      program: "sh",
      args: ["-lc", "echo hi"],
      cwd: "workspace",
      env: [["RUST_LOG", "info"]],
    } as const;
    const port = { port: 3000, url: "https://preview.example" };
    expect(decodeCommandRequest(throughText(encodeCommandRequest(command)))).toEqual(command);
    expect(decodePortResult(throughText(encodePortResult(port)))).toEqual(port);
  });

  it("keep an R2 mount with a secret's name, and an artifact", () => {
    const mount = {
      name: "dataset",
      path: "mnt/dataset",
      readOnly: true,
      intent: { kind: "r2", uri: "r2://bucket/prefix", credentials: { id: "r2-readonly" } },
    } as const;
    const artifact = {
      path: "out/report.json",
      artifactId: "artifact-1",
      url: "https://artifacts.example/report.json",
      metadata: { size: 128 },
    };
    expect(decodeMount(throughText(encodeMount(mount)))).toEqual(mount);
    expect(decodeArtifactResult(throughText(encodeArtifactResult(artifact)))).toEqual(artifact);
  });
});

describe("the registry of codecs", () => {
  it("refuses a list with holes where free JSON stands", () => {
    const metadata: unknown[] = [];
    metadata[2] = 1;
    const { message } = refusal(() => decodeArtifactResult({ path: "a", artifact_id: "x", metadata }));
    expect(message).toBe("Wrong `metadata.0` of artifact result: expected a value that JSON can carry, got nothing");
  });

  it.each(Object.keys(seedCodecs))("refuses for %s what is no object", (type) => {
    for (const value of [null, 3, "text", [], undefined]) {
      const codes = [
        refusal(() => seedCodecs[type]?.decode(value)).code,
        refusal(() => seedCodecs[type]?.encode(value)).code,
      ];
      const code = type === "remote-workspace" ? "unsupported" : "invalid_request";
      expect(codes).toEqual([code, code]);
    }
  });

  it("writes our own form, in camelCase, as the seed's", () => {
    const ours = {
      destination: { id: "d", providerId: "p" },
      workspace: "/srv",
      readRoots: ["/usr"],
    };
    expect(seedCodecs["thread-binding"]?.encode(ours)).toEqual({
      destination: {
        id: "d",
        provider_id: "p",
        config: null,
        default_manifest: { entries: [], mounts: [] },
      },
      workspace: "/srv",
      read_roots: ["/usr"],
    });
  });
});
