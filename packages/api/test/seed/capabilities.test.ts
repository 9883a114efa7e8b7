import { type RunnerCapabilities, runnerCapabilityModes, type RunnerMountCapabilities } from "@mooring/api";
import {
  decodeCapabilities,
  decodeMountCapabilities,
  encodeCapabilities,
  encodeMountCapabilities,
  seedCodecs,
} from "@mooring/api/seed";
import { describe, expect, it } from "vitest";
import { refusal } from "./refusal.js";

const required = {
  command_exec: true,
  file_read: true,
  file_write: true,
  port_preview: true,
  snapshots: true,
  cancellation: true,
};
const noMounts: RunnerMountCapabilities = {
  s3: "none",
  gcs: "none",
  r2: "none",
  azureBlob: "none",
  boxStorage: "none",
  providerNative: "none",
  dynamic: "none",
};

describe("the seed's capabilities", () => {
  it("default to no artifact export, no mounts, no pause and no detach (RO-2, RO-3)", () => {
    const capabilities = decodeCapabilities(required);
    expect(capabilities.artifacts.export).toBe("none");
    expect(capabilities.mounts).toEqual(noMounts);
    expect(capabilities.lifecycle).toEqual({ pause: "none", detach: "none", extend: "none" });
  });

  it.each(Object.keys(required))("refuse to do without %s (RO-2)", (name) => {
    const { [name as keyof typeof required]: _left, ...rest } = required;
    expect(refusal(() => decodeCapabilities(rest)).message).toBe(
      `Wrong \`${name}\` of capabilities: expected true or false, got nothing`,
    );
  });

  it("make of a yes the weakest mode that is not none", () => {
    const everything = decodeCapabilities({
      ...required,
      artifact_export: true,
      pausable: true,
      detachable: true,
      mounts: { s3: true, azure_blob: true },
    });
    expect(everything).toEqual({
      commands: {
        output: "utf8",
        stderr: "merged",
        exitSignal: "none",
        stdin: "none",
        pty: "none",
        user: "none",
        durable: "none",
        kill: "process",
        attach: "none",
        confinement: "none",
      },
      files: { access: "read-write", confinement: "advisory", watch: "none", archive: "none" },
      ports: { expose: "url", connect: "none" },
      snapshots: { native: "stops" },
      mounts: { ...noMounts, s3: "native", azureBlob: "native" },
      artifacts: { export: "native" },
      lifecycle: { pause: "disk", detach: "running", extend: "none" },
    } satisfies RunnerCapabilities);
  });

  it("come back as they were, whichever of them are set", () => {
    const names = [...Object.keys(required), "artifact_export", "pausable", "detachable"];
    for (let bits = 0; bits < 2 ** names.length; bits += 1) {
      const seed = Object.fromEntries(names.map((name, index) => [name, (bits >> index) % 2 === 1]));
      // Writing without reading has no mode of ours.
      if (seed["file_write"] === true && seed["file_read"] === false) continue;
      const encoded = encodeCapabilities(decodeCapabilities(seed));
      expect(encoded).toEqual({ ...seed, mounts: encodeMountCapabilities(decodeMountCapabilities({})) });
    }
  });

  it("read writing without reading as no access", () => {
    expect(decodeCapabilities({ ...required, file_read: false }).files.access).toBe("none");
  });

  it("say yes for every mode but none", () => {
    const strongest = Object.fromEntries(
      Object.entries(runnerCapabilityModes).map(([facet, fields]) => [
        facet,
        Object.fromEntries(Object.entries(fields).map(([name, modes]) => [name, modes[0]])),
      ]),
    );
    expect(seedCodecs["capabilities"]?.encode(strongest)).toEqual({
      ...required,
      artifact_export: true,
      mounts: {
        s3: true,
        gcs: true,
        r2: true,
        azure_blob: true,
        box_storage: true,
        provider_native: true,
      },
      pausable: true,
      detachable: true,
    });
  });

  it("count a mode that is not known as none when they are written", () => {
    const newer = { commands: { output: "holograms", kill: "tree" }, files: {} };
    expect(seedCodecs["capabilities"]?.encode(newer)).toMatchObject({
      command_exec: false,
      cancellation: true,
    });
  });

  it("are not taken for our modes by mistake", () => {
    expect(refusal(() => seedCodecs["capabilities"]?.encode(required)).message).toBe(
      "Wrong `commands` of capabilities: expected an object of modes, got nothing",
    );
    expect(refusal(() => seedCodecs["capabilities"]?.encode({ commands: { output: true }, files: {} })).message).toBe(
      "Wrong `commands.output` of capabilities: expected a mode, got true (boolean)",
    );
  });
});

describe("the seed's mount capabilities", () => {
  it("default to six times no (RO-4)", () => {
    expect(decodeMountCapabilities({})).toEqual(noMounts);
    expect(encodeMountCapabilities(decodeMountCapabilities({}))).toEqual({
      s3: false,
      gcs: false,
      r2: false,
      azure_blob: false,
      box_storage: false,
      provider_native: false,
    });
  });

  it("read camelCase too, and name a wrong one", () => {
    expect(decodeMountCapabilities({ azureBlob: true }).azureBlob).toBe("native");
    expect(refusal(() => decodeMountCapabilities({ box_storage: "yes" })).message).toBe(
      'Wrong `box_storage` of mount capabilities: expected true or false, got "yes" (string)',
    );
    expect(seedCodecs["mount-capabilities"]?.encode({ s3: "fuse" })).toMatchObject({
      s3: true,
      gcs: false,
    });
    expect(refusal(() => seedCodecs["mount-capabilities"]?.encode({ s3: 1 })).message).toBe(
      "Wrong `s3` of mount capabilities: expected a mode, got 1 (number)",
    );
  });
});
