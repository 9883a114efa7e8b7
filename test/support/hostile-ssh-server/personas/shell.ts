import { randomBytes } from "node:crypto";
import type { ServerChannel } from "ssh2";
import { escapes, writeForEver } from "../flooding.js";
import type { SshPersona } from "../persona.js";

/** Says something in place of every command. */
function shell(
  name: string,
  say: (channel: ServerChannel, command: string, nonce: Promise<string>) => void,
): SshPersona {
  return {
    kind: "ssh",
    name,
    exec(accept, _reject, command) {
      const channel = accept();
      channel.on("error", () => {});
      say(channel, command, nonceOf(channel));
    },
  };
}

/** The client's random word, which the helper would repeat; what follows it is read and dropped. */
async function nonceOf(channel: ServerChannel): Promise<string> {
  return await new Promise((resolve) => {
    let head = "";
    channel.on("data", (bytes: Buffer) => {
      if (head.length < 65_536) head += bytes.toString("latin1");
      const nonce = /^\d+ ([0-9a-f]{32}) \w+\n/.exec(head)?.[1];
      if (nonce !== undefined) resolve(nonce);
    });
  });
}

function greeted(name: string, go: (channel: ServerChannel) => void): SshPersona {
  return shell(name, (channel, _command, nonce) => {
    void nonce.then((word) => {
      channel.write(`MOORING/1 ${word}\n`);
      go(channel);
    });
  });
}

/** Those whose shell or helper is not what it should be. */
export const shellPersonas: readonly SshPersona[] = [
  { kind: "ssh", name: "never-answers-a-command", exec: () => {} },
  { kind: "ssh", name: "refuses-commands", exec: (_accept, reject) => reject() },
  shell("runs-and-says-nothing", () => {}),
  shell("exits-with-success-at-once", (channel) => {
    channel.exit(0);
    channel.end();
  }),
  shell("sftp-only", (channel) => {
    channel.write("This service allows sftp connections only.\n");
    channel.exit(1);
    channel.end();
  }),
  shell("complains-in-escape-sequences", (channel) => {
    channel.write(escapes.repeat(100));
    channel.stderr.write(escapes.repeat(100));
    channel.exit(255);
    channel.end();
  }),
  shell("no-perl-and-then-garbage", (channel, command) => {
    if (command.includes("perl")) {
      channel.stderr.write("sh: perl: not found\n");
      channel.exit(127);
      channel.end();
    } else {
      void writeForEver(channel, randomBytes(10_000));
    }
  }),
  shell("noise-without-end", (channel) => void writeForEver(channel, Buffer.alloc(32_000, "noise "))),
  shell("noisy-lines-without-end", (channel) => void writeForEver(channel, "a line of noise\n".repeat(1_000))),
  shell("complaints-without-end", (channel) => void writeForEver(channel.stderr, "a complaint\n".repeat(1_000))),
  shell("greets-with-another-word", (channel) => void channel.write(`MOORING/1 ${"0".repeat(32)}\n`)),
  shell("greets-with-another-version", (channel, _command, nonce) => {
    void nonce.then((word) => channel.write(`MOORING/99 ${word}\n`));
  }),
  greeted("greets-and-falls-silent", () => {}),
  greeted("greets-and-sends-garbage", (channel) => void writeForEver(channel, randomBytes(32_000))),
  greeted("greets-and-sends-zeros", (channel) => void writeForEver(channel, Buffer.alloc(32_000))),
  greeted("greets-and-promises-a-frame-of-4-gigabytes", (channel) => {
    channel.write(Buffer.from("ffffffff8400000001", "hex"));
    void writeForEver(channel, Buffer.alloc(32_000));
  }),
];
