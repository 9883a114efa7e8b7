import { PassThrough } from "node:stream";
import type { ClientChannel } from "ssh2";
import { expect, test } from "vitest";
import { channelProcess } from "../../src/channel/channel-process.js";
import type { SshConnection } from "../../src/connection/ssh-connection.js";

/** A channel that answers no write, and a connection that can end: as the library leaves them when a server is gone. */
function opened() {
  let end: () => void = () => undefined;
  const connection = {
    onEnd(listener: () => void) {
      end = listener;
      return () => undefined;
    },
  } as unknown as SshConnection;
  const channel = Object.assign(new PassThrough({ emitClose: false }), {
    stderr: new PassThrough(),
    write: () => true,
    signal: () => undefined,
    close: () => undefined,
  });
  return {
    channel,
    process: channelProcess(channel as unknown as ClientChannel, connection),
    endConnection: () => end(),
  };
}

test.each(["channel", "connection"] as const)(
  "The end of the %s answers what was being written, and invents no exit",
  async (what) => {
    const { channel, process, endConnection } = opened();
    const failed = new Promise((resolve) => process.stdin.once("error", resolve));
    const written = new Promise((resolve) => process.stdin.write("never taken", resolve));
    if (what === "channel") channel.emit("close");
    else endConnection();
    expect(await written).toMatchObject({ code: "EPIPE" });
    expect(await failed).toMatchObject({ code: "EPIPE" });
    expect(await process.exited).toEqual({ code: null, signal: null });
  },
);

test("An exit that the server told stays what it was when the channel closes", async () => {
  const { channel, process } = opened();
  channel.emit("exit", 3);
  channel.emit("close");
  expect(await process.exited).toEqual({ code: 3, signal: null });
});

test("A signal is told by its name", async () => {
  const { channel, process } = opened();
  channel.emit("exit", null, "SIGKILL");
  expect(await process.exited).toEqual({ code: null, signal: "SIGKILL" });
});
