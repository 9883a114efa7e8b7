import { type RunnerCapabilities, type RunnerMountCapabilities, runnerCapabilityModes } from "../capabilities.js";
import type { JsonObject } from "../json.js";
import { SeedReader } from "./seed-reader.js";

/** The modes of one field, weakest last. */
type Modes<Mode> = readonly [Mode, ...Mode[]];

function weakest<Mode extends string>(modes: Modes<Mode>): Mode {
  return modes.at(-1) ?? modes[0];
}

/** A yes is good for the weakest mode that is not `none`. */
function modeFor<Mode extends string>(modes: Modes<Mode>, yes: boolean): Mode {
  if (!yes) return weakest(modes);
  return modes.filter((mode) => mode !== "none").at(-1) ?? weakest(modes);
}

const { commands, files, ports, snapshots, mounts, artifacts, lifecycle } = runnerCapabilityModes;

/**
 * The seed's yes and no as modes. A "yes" claims no more than the weakest mode that is not `none`, and a field that the
 * seed does not speak of gets its weakest mode: reading never makes a provider look better than it said.
 * Writing files without reading them has no mode; it is read as no access.
 */
export function decodeCapabilities(value: unknown): RunnerCapabilities {
  const reader = new SeedReader(value, "capabilities");
  const canRead = reader.boolean("file_read");
  const canWrite = reader.boolean("file_write");
  return {
    commands: {
      output: modeFor(commands.output, reader.boolean("command_exec")),
      stderr: weakest(commands.stderr),
      exitSignal: weakest(commands.exitSignal),
      stdin: weakest(commands.stdin),
      pty: weakest(commands.pty),
      user: weakest(commands.user),
      durable: weakest(commands.durable),
      kill: modeFor(commands.kill, reader.boolean("cancellation")),
      attach: weakest(commands.attach),
      confinement: weakest(commands.confinement),
    },
    files: {
      access: canRead ? (canWrite ? "read-write" : "read") : "none",
      confinement: weakest(files.confinement),
      watch: weakest(files.watch),
      archive: weakest(files.archive),
    },
    ports: {
      expose: modeFor(ports.expose, reader.boolean("port_preview")),
      connect: weakest(ports.connect),
    },
    snapshots: { native: modeFor(snapshots.native, reader.boolean("snapshots")) },
    mounts: reader.has("mounts") ? reader.nested("mounts", readMountCapabilities) : decodeMountCapabilities({}),
    artifacts: { export: modeFor(artifacts.export, reader.boolean("artifact_export", false)) },
    lifecycle: {
      pause: modeFor(lifecycle.pause, reader.boolean("pausable", false)),
      detach: modeFor(lifecycle.detach, reader.boolean("detachable", false)),
      extend: weakest(lifecycle.extend),
    },
  };
}

/** Modes as the seed's yes and no: yes only for a mode that is not `none`. Which mode it was is lost. */
export function encodeCapabilities(capabilities: RunnerCapabilities): JsonObject {
  return {
    command_exec: capabilities.commands.output !== "none",
    file_read: capabilities.files.access !== "none",
    file_write: capabilities.files.access === "read-write",
    port_preview: capabilities.ports.expose !== "none",
    snapshots: capabilities.snapshots.native !== "none",
    cancellation: capabilities.commands.kill !== "none",
    artifact_export: capabilities.artifacts.export !== "none",
    mounts: encodeMountCapabilities(capabilities.mounts),
    pausable: capabilities.lifecycle.pause !== "none",
    detachable: capabilities.lifecycle.detach !== "none",
  };
}

/** See `decodeCapabilities`. Every kind that is absent is `none`. */
export function decodeMountCapabilities(value: unknown): RunnerMountCapabilities {
  return readMountCapabilities(value, "mount capabilities", "");
}

/** See `encodeCapabilities`. */
export function encodeMountCapabilities(capabilities: RunnerMountCapabilities): JsonObject {
  return {
    s3: capabilities.s3 !== "none",
    gcs: capabilities.gcs !== "none",
    r2: capabilities.r2 !== "none",
    azure_blob: capabilities.azureBlob !== "none",
    box_storage: capabilities.boxStorage !== "none",
    provider_native: capabilities.providerNative !== "none",
  };
}

function readMountCapabilities(value: unknown, what: string, path: string): RunnerMountCapabilities {
  const reader = new SeedReader(value, what, path);
  return {
    s3: modeFor(mounts.s3, reader.boolean("s3", false)),
    gcs: modeFor(mounts.gcs, reader.boolean("gcs", false)),
    r2: modeFor(mounts.r2, reader.boolean("r2", false)),
    azureBlob: modeFor(mounts.azureBlob, reader.boolean("azure_blob", false)),
    boxStorage: modeFor(mounts.boxStorage, reader.boolean("box_storage", false)),
    providerNative: modeFor(mounts.providerNative, reader.boolean("provider_native", false)),
    dynamic: weakest(mounts.dynamic),
  };
}
