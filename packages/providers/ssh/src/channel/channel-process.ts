import type { TransportExit, TransportProcess } from "@mooring/provider-kit";
import type { ClientChannel } from "ssh2";
import type { SshConnection } from "../connection/ssh-connection.js";
import { ChannelInput, ChannelOutput } from "./channel-streams.js";

/** A command that runs in a channel. Its end is known by the server's word for it; without that it is not. */
export function channelProcess(
  channel: ClientChannel,
  connection: SshConnection,
  onOutput?: (chunk: Buffer) => void,
): TransportProcess {
  channel.on("error", () => undefined);
  const stdin = new ChannelInput(channel);
  const stdout = new ChannelOutput(channel, onOutput);
  const stderr = new ChannelOutput(channel.stderr);
  const exited = new Promise<TransportExit>((resolve) => {
    channel.on("exit", (code: number | null, signal?: string) => resolve({ code, signal: signal ?? null }));
    // The channel's own end may never come: it waits for somebody to read what was left.
    const forget = connection.onEnd(() => {
      resolve({ code: null, signal: null });
      stdin.channelClosed();
    });
    channel.on("close", () => {
      forget();
      resolve({ code: null, signal: null });
    });
  });
  return {
    stdin,
    stdout,
    stderr,
    exited,
    kill() {
      try {
        // Not every server passes it on; the closed channel is a broken pipe besides.
        channel.signal("KILL");
        channel.close();
      } catch {
        // The connection is over, and with it what it carried.
      }
    },
  };
}
