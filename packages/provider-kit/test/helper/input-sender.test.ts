import { expect, test } from "vitest";
import type { Connection } from "../../src/helper/connection.js";
import { initialInputCredit } from "../../src/helper/frame-types.js";
import { InputSender } from "../../src/helper/input-sender.js";

/** What is sent, in order: how many bytes, or the end. */
function recorded() {
  const sent: (number | "end")[] = [];
  const connection = {
    sendData: (_id: number, _channel: number, bytes: Uint8Array) => sent.push(bytes.length),
    sendEnd: () => sent.push("end"),
  } as unknown as Connection;
  return { sent, sender: new InputSender(connection, 1) };
}

test("The end of input is sent once, whatever room the far side still makes", async () => {
  const { sent, sender } = recorded();
  await sender.send(Buffer.alloc(10));
  sender.end();
  sender.end();
  sender.grant(10);
  sender.grant(10);
  expect(sent).toEqual([10, "end"]);
});

test("What waits for room goes before the end", async () => {
  const { sent, sender } = recorded();
  const waiting = sender.send(Buffer.alloc(initialInputCredit + 1));
  sender.end();
  expect(sent).not.toContain("end");
  sender.grant(1);
  await waiting;
  sender.grant(initialInputCredit);
  expect(sent.slice(-2)).toEqual([1, "end"]);
});

test("Input after its end is refused here", async () => {
  const { sent, sender } = recorded();
  sender.end();
  await expect(sender.send(Buffer.alloc(1))).rejects.toMatchObject({ code: "internal" });
  expect(sent).toEqual(["end"]);
});
