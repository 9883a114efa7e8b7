import type { RunnerCapabilities, RunnerCloseReport, RunnerError, RunnerPlatform } from "@mooring/api";
import { unsupported } from "../errors/expected.js";
import type { FarSide, FarSideEnding, FarSideOptions } from "../far-side/far-side.js";
import { TransportDialler } from "../ports/transport-dialler.js";
import type { RunnerTransport } from "../transport.js";
import { EndingChannel } from "./ending-channel.js";
import { openPlace, type OpenedPlace } from "./open-place.js";
import { OpeningSignal } from "./opening-signal.js";
import { Pace } from "./pace.js";
import { exactSignals } from "./probe-signals.js";
import { shellCapabilities } from "./shell-capabilities.js";
import { ShellCommands } from "./shell-commands.js";
import { ShellControl } from "./shell-control.js";
import { ShellFiles } from "./shell-files.js";
import type { ShellPlace } from "./shell-place.js";
import { stateName } from "./session-record.js";
import { ShellPorts } from "./shell-ports.js";
import { shown } from "./shell-roots.js";

/** So many file operations at a time: each is a process over there, and some places take few connections. */
const mostOperations = 8;
const sweepMs = 4_000;

/** Which shell to run. */
export interface ShellOptions {
  /** Its argument vector, before `-c`. @default ["sh"] */
  readonly shell?: readonly string[];
}

/**
 * Opens a session over a plain POSIX shell, for places where the resident helper cannot run. Rejects with `unsupported` when
 * the far side lacks what a session needs, or must confine commands.
 */
export async function openShellFarSide(
  transport: RunnerTransport,
  options: FarSideOptions,
  { shell = ["sh"] }: ShellOptions = {},
): Promise<FarSide> {
  const { channel } = transport;
  if (channel.kind === "text") throw unsupported("A shell over there needs a channel that passes bytes unchanged");
  if (options.confinementRequired) {
    throw unsupported(
      '`confinement` "workspace-write" cannot be enforced through a shell: the place has no helper that can',
    );
  }
  const { leaseMs, openTimeoutMs } = options;
  const place: ShellPlace = { channel, shell, fullBlock: false, leaseMs, openTimeoutMs, unfinished: "" };
  const state = stateName(options.sessionId);
  const opening = new OpeningSignal(options);
  const { signal } = opening;
  try {
    const tellsSignals = exactSignals(place, signal);
    // Its failure is heard once the place is open, and can be closed again.
    tellsSignals.catch(() => undefined);
    const opened = await openPlace(place, options, state, signal);
    try {
      return await farSideOf(transport, options, opened, { exitSignal: await tellsSignals, state, signal });
    } catch (error) {
      if (options.mode === "create") await opened.undo().catch(() => undefined);
      throw error;
    }
  } catch (error) {
    throw opening.late ?? error;
  } finally {
    opening.end();
  }
}

async function farSideOf(
  transport: RunnerTransport,
  options: FarSideOptions,
  opened: OpenedPlace,
  found: { readonly exitSignal: boolean; readonly state: string; readonly signal: AbortSignal },
): Promise<FarSide> {
  const { place, tools, roots } = opened;
  const control = await ShellControl.start(place, found.state, found.signal);
  control.keepAlive(options.leaseMs);
  const directUrl = transport.directUrl?.bind(transport);
  const dialler = new TransportDialler(transport);
  const platform: RunnerPlatform = { os: tools.os.toLowerCase(), arch: tools.arch, pathStyle: "posix" };
  const capabilities = shellCapabilities(tools, {
    exitSignal: found.exitSignal,
    reachesPorts: directUrl?.(1) !== undefined || tools.netcat !== undefined || (await dialler.probe()),
  });
  const commands = new ShellCommands(
    { place, tools, roots, control, env: options.env, inherited: options.inheritedEnvironment },
    { capabilities, platform, host: options.host },
  );
  const fileChannel = new EndingChannel(place.channel);
  const filePlace = { ...place, channel: fileChannel };
  return new ShellFarSide({
    capabilities,
    platform,
    control,
    commands,
    files: new ShellFiles({ place: filePlace, tools, roots, pace: new Pace(mostOperations) }),
    ports: new ShellPorts({ place, tools, directUrl, dialler }),
    workspace: shown(roots.workspace),
    place,
    fileChannel,
  });
}

interface FarSideParts {
  readonly capabilities: RunnerCapabilities;
  readonly platform: RunnerPlatform;
  readonly control: ShellControl;
  readonly commands: ShellCommands;
  readonly files: ShellFiles;
  readonly ports: ShellPorts;
  readonly workspace: string;
  readonly place: ShellPlace;
  readonly fileChannel: EndingChannel;
}

class ShellFarSide implements FarSide {
  readonly commands: ShellCommands;
  readonly files: ShellFiles;
  readonly ports: ShellPorts;
  readonly platform: RunnerPlatform;
  readonly capabilities: RunnerCapabilities;
  readonly workspace: string;
  readonly lost: Promise<RunnerError>;
  readonly #parts: FarSideParts;

  constructor(parts: FarSideParts) {
    this.#parts = parts;
    this.commands = parts.commands;
    this.files = parts.files;
    this.ports = parts.ports;
    this.platform = parts.platform;
    this.capabilities = parts.capabilities;
    this.workspace = parts.workspace;
    parts.control.onLeaving = () => parts.commands.expectLoss();
    this.lost = new Promise((resolve) => {
      parts.control.onLost = (error) => {
        parts.commands.expectLoss();
        parts.fileChannel.end();
        void sweep(parts).finally(() => {
          parts.commands.loseAll();
          resolve(error);
        });
      };
    });
  }

  async end(mode: FarSideEnding): Promise<RunnerCloseReport> {
    const { control, commands, ports, fileChannel } = this.#parts;
    fileChannel.end();
    await ports.close();
    try {
      const report = await commands.endAll();
      if (mode === "destroy") await control.forget();
      await control.close();
      return report;
    } catch {
      // The control shell was lost on the way, so nobody can say what it found.
      commands.loseAll();
      return { commandsEnded: 0, survivors: [], confirmed: false };
    }
  }
}

/** A second control shell that is told of the groups and let go at once kills them. Best effort: the place may be gone. */
async function sweep({ place, commands }: FarSideParts): Promise<void> {
  const { groups } = commands;
  if (groups.length === 0) return;
  const deadline = AbortSignal.timeout(sweepMs);
  const work = ShellControl.start(place, undefined, deadline).then(async (control) => {
    for (const group of groups) control.add(group);
    await control.close();
  });
  const late = new Promise<void>((resolve) => {
    deadline.addEventListener("abort", () => resolve(), { once: true });
  });
  await Promise.race([work.catch(() => undefined), late]);
}
