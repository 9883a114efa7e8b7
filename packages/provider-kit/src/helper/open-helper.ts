import type { RunnerCapabilities, RunnerCloseReport, RunnerError, RunnerPlatform } from "@mooring/api";
import { abortable } from "../async/abort.js";
import type { FarSide, FarSideEnding, FarSideOptions } from "../far-side/far-side.js";
import { sessionEndedError } from "../session/unsupported-facets.js";
import type { RunnerTransport, TransportChannel, TransportProcess } from "../transport.js";
import { call } from "./call.js";
import type { Connection } from "./connection.js";
import { residentHelperCapabilities } from "./helper-capabilities.js";
import { HelperCommands } from "./helper-commands.js";
import { HelperFiles } from "./helper-files.js";
import { HelperPorts } from "./helper-ports.js";
import { type HelperRecord, readNumber, readNumbers, readText } from "./record-reader.js";
import { startHelper } from "./start-helper.js";

const closeGraceMs = 2_000;
/** Beyond the grace: for sweeping processes, removing state and answering. */
const closeAnswerMs = 10_000;
const mostExitMs = 2_000;
/** How long an opening that was aborted may take to be undone. */
const undoMs = 2_000;

/** Opens a session through the resident helper, or tells why no such helper can run there. */
export async function openHelperFarSide(
  channel: TransportChannel,
  transport: RunnerTransport,
  options: FarSideOptions,
): Promise<FarSide | { readonly absent: RunnerError }> {
  const begin = performance.now();
  const started = await startHelper(channel, options);
  if ("absent" in started) return started;
  const { connection, process } = started;
  try {
    const record = await withDeadline(
      connection,
      openSession(connection, options),
      options.openTimeoutMs - (performance.now() - begin),
    );
    return new HelperFarSide(connection, process, record, options, transport);
  } catch (error) {
    if (options.mode === "create" && options.signal?.aborted === true) await undoOpening(connection);
    connection.close(sessionEndedError("createSession"));
    throw error;
  }
}

function openSession(connection: Connection, options: FarSideOptions): Promise<HelperRecord> {
  const opening = call(
    connection,
    {
      op: "session.open",
      operation: options.mode === "create" ? "createSession" : "resumeSession",
      resource: "session",
      isAtomic: true,
    },
    (writer) => {
      writer
        .field("root", options.root)
        .field("createRoot", options.createRoot)
        .field("confinement", options.confinement)
        .field("confinementRequired", options.confinementRequired)
        .field("sessionId", options.sessionId)
        .field("mode", options.mode)
        .field("leaseMs", options.leaseMs)
        .list(
          "env",
          [...options.env].map(([name, value]) => `${name}=${value}`),
        )
        .list(
          "labels",
          Object.entries(options.labels).map(([name, value]) => `${name}=${value}`),
        );
      if (options.within !== undefined) writer.field("within", options.within);
      if (options.inheritedEnvironment !== undefined) {
        writer.field("inheritsEnvironment", true).list("environmentExcept", options.inheritedEnvironment.except);
      }
      if (options.readRoots.length > 0) writer.list("readRoots", options.readRoots);
      if (options.writeRoots.length > 0) writer.list("writeRoots", options.writeRoots);
    },
  );
  return abortable(opening, options.signal, "opening the session");
}

/** Removes what a helper may have made of a session that nobody waits for any more. */
async function undoOpening(connection: Connection): Promise<void> {
  connection.expectEnd(sessionEndedError("createSession"));
  await withDeadline(connection, endSession(connection, "destroy"), undoMs).catch(() => undefined);
}

function endSession(connection: Connection, mode: FarSideEnding): Promise<HelperRecord> {
  return call(connection, { op: "session.end", operation: "close", resource: "session" }, (writer) =>
    writer.field("mode", mode).field("graceMs", closeGraceMs),
  );
}

/** The promise, unless the helper stays silent for so long: then the connection is given up, and says so to it. */
async function withDeadline<Value>(
  connection: Connection,
  promise: Promise<Value>,
  milliseconds: number,
): Promise<Value> {
  const timer = setTimeout(
    () => connection.giveUp(`it did not answer within ${Math.ceil(milliseconds)} ms`),
    milliseconds,
  );
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}

class HelperFarSide implements FarSide {
  readonly commands: HelperCommands;
  readonly files: HelperFiles;
  readonly ports: HelperPorts;
  readonly platform: RunnerPlatform;
  readonly capabilities: RunnerCapabilities;
  readonly workspace: string;
  readonly lost: Promise<RunnerError>;
  readonly #connection: Connection;
  readonly #process: TransportProcess;
  /** How long the process may take to be gone after its last word. */
  readonly #exitMs: number;

  constructor(
    connection: Connection,
    process: TransportProcess,
    record: HelperRecord,
    options: FarSideOptions,
    transport: RunnerTransport,
  ) {
    this.#connection = connection;
    this.#process = process;
    this.#exitMs = Math.min(mostExitMs, options.leaseMs / 2);
    this.lost = connection.lost;
    this.workspace = readText(record, "workspace");
    this.platform = { os: readText(record, "os").toLowerCase(), arch: readText(record, "arch"), pathStyle: "posix" };
    this.capabilities = helperCapabilities(record);
    this.commands = new HelperCommands(connection, {
      capabilities: this.capabilities,
      platform: this.platform,
      host: options.host,
    });
    this.files = new HelperFiles(connection);
    this.ports = new HelperPorts(connection, transport);
  }

  async end(mode: FarSideEnding): Promise<RunnerCloseReport> {
    this.#connection.expectEnd(sessionEndedError("the session"));
    await this.ports.close();
    try {
      const record = await withDeadline(
        this.#connection,
        endSession(this.#connection, mode),
        closeGraceMs + closeAnswerMs,
      );
      await this.#exited();
      return {
        commandsEnded: readNumber(record, "commandsEnded"),
        survivors: readNumbers(record, "survivors"),
        confirmed: true,
      };
    } catch {
      // The helper ended, or was ended, before it could say what it found.
      return { commandsEnded: 0, survivors: [], confirmed: false };
    } finally {
      this.#connection.close(sessionEndedError("the session"));
    }
  }

  async #exited(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.#exitMs);
    });
    await Promise.race([this.#process.exited, late]);
    clearTimeout(timer);
  }
}

function helperCapabilities(record: HelperRecord): RunnerCapabilities {
  const most = residentHelperCapabilities;
  return {
    ...most,
    commands: {
      ...most.commands,
      confinement: readText(record, "confinement") === "workspace-write" ? "workspace-write" : "none",
    },
    files: {
      ...most.files,
      confinement: readText(record, "fileConfinement") === "kernel" ? "kernel" : "advisory",
      watch: readText(record, "watch") === "native" ? "native" : "none",
    },
  };
}
