import { RunnerError } from "@mooring/api";
import { openHelperFarSide } from "../helper/open-helper.js";
import { openShellFarSide } from "../shell/open.js";
import type { RunnerTransport } from "../transport.js";
import type { FarSide, FarSideOptions } from "./far-side.js";

/**
 * Opens a session on the far side: by the resident Perl helper where there is a Perl that can run it, else by a POSIX shell.
 * Rejects as `createSession` does; nothing that was started is left behind then.
 */
export async function openFarSide(transport: RunnerTransport, options: FarSideOptions): Promise<FarSide> {
  const { channel } = transport;
  const begin = performance.now();
  const opened = await openHelperFarSide(channel, transport, options);
  if (!("absent" in opened)) return opened;
  try {
    const openTimeoutMs = Math.max(1, options.openTimeoutMs - (performance.now() - begin));
    return await openShellFarSide(transport, { ...options, openTimeoutMs });
  } catch (error) {
    if (!RunnerError.is(error) || error.code !== "not_found") throw error;
    // Neither is there: the first reason is the one that a user can do something about.
    throw new RunnerError(error.code, error.message, {
      provider: options.providerId,
      resource: "session",
      retryable: false,
      phase: "before_start",
      cause: new AggregateError([opened.absent, error], "Neither Perl nor a POSIX shell could serve"),
    });
  }
}
