import type { RemoteRunnerSession } from "@mooring/api";
import { type CopyReport, download, upload } from "@mooring/provider-kit/local";
import { usageError } from "../cli-error.js";
import { openSession } from "../destinations/open-session.js";
import { resolveDestination } from "../destinations/resolve-destination.js";
import { printableLine } from "../output/printable.js";
import { printJson, warnLine } from "../output/write.js";
import { type CopyEnd, copyEnd } from "./copy-end.js";
import { CopyMeter } from "./copy-meter.js";
import { stopSignals } from "./stop-signals.js";

interface CopyOptions {
  readonly json?: boolean;
  readonly config?: string;
  readonly ignore?: readonly string[];
  readonly all?: boolean;
  readonly quiet?: boolean;
}

/** Copies between this host and a destination, and says what was copied. */
export async function copy(sourceText: string, targetText: string, options: CopyOptions): Promise<void> {
  const source = copyEnd(sourceText);
  const target = copyEnd(targetText);
  const remote = source.kind === "remote" ? source : target;
  if (source.kind === target.kind || remote.kind !== "remote") {
    throw usageError(
      `Expected one of source and target to be <destination>::<path> and the other a local path, got two ${source.kind} ones`,
    );
  }
  const resolved = await resolveDestination(remote.destination, options);
  const stop = stopSignals();
  const meter = new CopyMeter(process.stderr, options.quiet !== true && options.json !== true);
  let session: RemoteRunnerSession | undefined;
  try {
    session = await openSession(resolved, { signal: stop.signal });
    const report = await transfer(session, source, target, {
      ...(options.ignore === undefined ? {} : { ignore: options.ignore }),
      copyUnchanged: options.all === true,
      onProgress: (progress) => meter.show(progress),
      signal: stop.signal,
    });
    meter.clear();
    await tell(report, options.json === true);
  } finally {
    meter.clear();
    await session?.destroy().catch(() => {});
    stop.release();
  }
}

async function transfer(
  session: RemoteRunnerSession,
  source: CopyEnd,
  target: CopyEnd,
  options: NonNullable<Parameters<typeof upload>[3]>,
): Promise<CopyReport> {
  return source.kind === "local"
    ? await upload(session, source.path, target.path, options)
    : await download(session, source.path, target.path, options);
}

async function tell(report: CopyReport, json: boolean): Promise<void> {
  if (json) {
    await printJson(report);
    return;
  }
  for (const { path, reason } of report.skipped) {
    await warnLine(`mooring: left out ${printableLine(path)}: ${printableLine(reason)}`);
  }
}
