import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { HelperClient, list } from "../support/helper-client.js";
import { frame, packRecord } from "../support/helper-records.js";
import type { HelperFailure } from "../support/helper-failure.js";
import { processesWith, untilGone } from "../support/process-zoo.js";

const stateOf = (client: HelperClient): string => path.join(client.folder, "state/mooring");

test("Confined commands write in the workspace and in their own temporary directory, and nowhere else", async (context) => {
  await using client = await HelperClient.open({ confinement: "workspace-write" });
  if (Number(client.opened.get("landlockAbi")) < 3) context.skip("the kernel has no Landlock");
  expect(String(client.opened.get("confinement"))).toBe("workspace-write");
  const outside = path.join(client.folder, "outside");
  writeFileSync(outside, "old");
  const request = client.sh(
    `echo in > inside && echo $TMPDIR && echo t > $TMPDIR/t && cat ${outside} && echo; echo > ${outside}; rm ${outside}; ln -s x /tmp/mooring-escape; mv inside ../moved; : > /dev/null && echo null; kill -0 $PPID && echo signal`,
  );
  await request.result;
  const lines = request.text().trim().split("\n");
  expect(lines.slice(1)).toEqual(["old", "null", "signal"]);
  expect(request.text(2).match(/Permission denied|cannot/g)?.length).toBeGreaterThanOrEqual(4);
  const [session = ""] = readdirSync(stateOf(client));
  expect(lines[0]).toContain(session);
  await client.end("close");
  expect(readdirSync(path.join(stateOf(client), session)).includes("tmp")).toBe(false);
});

test("Without confinement the user's rights hold", async () => {
  await using client = await HelperClient.open();
  const request = client.sh(`echo new > ${client.folder}/outside && echo done`);
  await request.result;
  expect(request.text()).toBe("done\n");
});

test("A client that is silent for its lease is taken for gone", async () => {
  await using client = await HelperClient.open({ leaseMs: 200 });
  const mark = `zoo-${process.pid}-lease`;
  client.sh(`setsid sh -c 'while :; do sleep 1; done' ${mark} & exec sleep 600`);
  expect(await client.exited).toBe(0);
  await untilGone(() => processesWith(mark));
});

test("Pings keep the lease", async () => {
  await using client = await HelperClient.open({ leaseMs: 400 });
  const request = client.sh("sleep 1");
  const timer = setInterval(() => client.ping(), 100);
  const result = await request.result;
  clearInterval(timer);
  expect(String(result.get("value"))).toBe("0");
  expect(client.pongs).toBeGreaterThan(3);
});

function requestFrame(fields: Readonly<Record<string, string>>): Buffer {
  return frame(0x01, 99, packRecord(fields));
}

test.each([
  ["a frame that is too short", Buffer.from([0, 0, 0, 1, 1])],
  ["a frame that is too long", Buffer.from([255, 255, 255, 255, 1])],
  ["a frame of unknown type", Buffer.from([0, 0, 0, 5, 0x77, 0, 0, 0, 1])],
  ["a request that is no record", Buffer.from([0, 0, 0, 8, 1, 0, 0, 0, 99, 9, 9, 9])],
  [
    "a request whose last byte is another's",
    Buffer.concat([requestFrame({ op: "x", end: "." }).subarray(0, -1), Buffer.of(0)]),
  ],
  ["a request that lacks its end", requestFrame({ op: "command.list" })],
  ["more for a request that was never made", Buffer.from([0, 0, 0, 6, 3, 0, 0, 0, 99, 0])],
])("After %s everything ends", async (_name, garbage) => {
  await using client = await HelperClient.open();
  const mark = `zoo-${process.pid}-garbage`;
  const request = client.sh(`setsid sh -c 'while :; do sleep 1; done' ${mark} & echo up; exec sleep 600`);
  await request.until("up");
  client.raw(garbage);
  await expect(request.result).rejects.toThrow(/code=corrupt/);
  await client.exited;
  expect(processesWith(mark)).toEqual([]);
  expect(client.stderr).toBe("");
});

test("SIGTERM ends the helper as the end of its input does", async () => {
  await using client = await HelperClient.open();
  const mark = `zoo-${process.pid}-term`;
  const request = client.sh(`setsid sh -c 'while :; do sleep 1; done' ${mark} & echo up; exec sleep 600`);
  await request.until("up");
  client.process.kill("SIGTERM");
  expect(await client.exited).toBe(0);
  expect(processesWith(mark)).toEqual([]);
});

test("A session id is taken until it is destroyed, and can be resumed", async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "mooring-session-"));
  try {
    const code = (error: unknown): string | undefined => (error as HelperFailure).field("code");
    await expect(HelperClient.open({ mode: "resume" }, folder).catch(code)).resolves.toBe("not_found");
    const first = await HelperClient.open({ fields: { labels: ["team=red"] } }, folder);
    await expect(HelperClient.open({}, folder).catch(code)).resolves.toBe("already_exists");
    const [seen] = list((await first.request("session.sessions").result).get("sessions"));
    expect(seen).toContain("team=red");
    expect(seen).toContain("alive");
    await first.end("close");
    // Whoever resumes last owns the session: a helper whose client is gone must not stand in the way.
    const second = await HelperClient.open({ mode: "resume" }, folder);
    const third = await HelperClient.open({ mode: "resume" }, folder);
    expect(await second.exited).toBe(0);
    const kept = await third.request("session.reap", { labels: ["team=blue"] }).result;
    expect(list(kept.get("reaped"))).toEqual([]);
    await third.end("destroy");
    expect(readdirSync(path.join(folder, "state/mooring"))).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("Operations that are unknown or come too early are refused", async () => {
  await using client = await HelperClient.open();
  await expect(client.request("no.such").result).rejects.toThrow(/code=unsupported/);
  await expect(client.request("session.open").result).rejects.toThrow(/code=invalid_request/);
  const folder = mkdtempSync(path.join(os.tmpdir(), "mooring-early-"));
  await using early = new HelperClient(folder, true, "bytes");
  await expect(early.request("command.list").result).rejects.toThrow(/code=invalid_request/);
});
