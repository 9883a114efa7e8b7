import { RunnerError } from "@mooring/api";
import { describe, expect, test } from "vitest";
import { Handshake } from "../../src/helper/handshake.js";

const nonce = "0123456789abcdef0123456789abcdef";
const line = `MOORING/1 ${nonce}\n`;

function refusalOf(action: () => unknown): RunnerError {
  try {
    action();
  } catch (error) {
    if (RunnerError.is(error)) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("the handshake", () => {
  test("finds its line behind noise that has no line end of its own", () => {
    const rest = new Handshake(nonce).push(Buffer.from(`welcome\n$ ${line}frames`));
    expect(rest?.toString()).toBe("frames");
  });

  test("finds its line wherever the bytes are cut", () => {
    const bytes = Buffer.from(`noise\r\n${line}`);
    for (let at = 0; at < bytes.length; at++) {
      const handshake = new Handshake(nonce);
      expect(handshake.push(bytes.subarray(0, at))).toBeUndefined();
      expect(handshake.push(bytes.subarray(at))?.length).toBe(0);
    }
  });

  test("takes noise to its last byte, and not one more", () => {
    expect(new Handshake(nonce).push(Buffer.from("n".repeat(65_536) + line))?.length).toBe(0);
    const error = refusalOf(() => new Handshake(nonce).push(Buffer.from("n".repeat(65_537) + line)));
    expect(error).toMatchObject({ code: "corrupt" });
  });

  test("costs the same whether noise comes at once or byte by byte", () => {
    const handshake = new Handshake(nonce);
    const startedAt = process.cpuUsage().user;
    const byte = Buffer.from("n");
    for (let count = 0; count < 65_536; count++) handshake.push(byte);
    // What was quadratic took tens of seconds.
    expect(process.cpuUsage().user - startedAt).toBeLessThan(2_000_000);
  });

  test("keeps what could steer a terminal out of its note", () => {
    const handshake = new Handshake(nonce);
    handshake.push(Buffer.from("\u001b[2Jred\u2028\u202egreen"));
    expect(handshake.noiseNote()).toBe("; it said: \u{fffd}[2Jred\u{fffd}\u{fffd}green");
  });
});
