import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { HelperClient, list } from "../support/helper-client.js";
import type { HelperFailure } from "../support/helper-failure.js";
import { processesWith, untilGone } from "../support/process-zoo.js";
import { unpackRecord } from "../support/helper-records.js";
import { waitingChildrenOf } from "../support/processes.js";

const attach = (client: HelperClient, commandId: string, stdoutOffset = 0, autoCredit = true, credit = 1_048_576) =>
  client.request("command.attach", { commandId, stdoutOffset, stderrOffset: 0, credit }, autoCredit);

describe("a durable command", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), "mooring-durable-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test("gives output and exit like any other", async () => {
    await using client = await HelperClient.open({}, folder);
    const request = client.sh("echo out; echo err >&2; exit 4", { durable: true });
    const result = await request.result;
    expect([request.text(1), request.text(2), String(result.get("value")), String(result.get("stdoutBytes"))]).toEqual([
      "out\n",
      "err\n",
      "4",
      "4",
    ]);
    expect(request.order.at(-1)).toBe("result");
    await client.end("destroy");
    expect(readdirSync(path.join(folder, "state/mooring"))).toEqual([]);
  });

  test("survives a helper that is killed, and is read again from any byte exactly once", async () => {
    const first = await HelperClient.open({}, folder);
    const release = path.join(folder, "work", "release");
    const started = first.sh(
      `i=0; while [ $i -lt 5000 ]; do echo line $i; i=$((i+1)); done; echo half; while [ ! -e release ]; do sleep 0.02; done; echo rest; exit 9`,
      {
        durable: true,
        commandId: "job",
      },
    );
    await started.until("half");
    first.process.kill("SIGKILL");
    await first.exited;

    await using second = await HelperClient.open({ mode: "resume" }, folder);
    const listed = list((await second.request("command.list").result).get("commands"));
    expect(listed).toHaveLength(1);
    const whole = attach(second, "job");
    const tail = attach(second, "job", 1000);
    await whole.until("half");
    await second.start(["touch", release]).result;
    const result = await whole.result;
    await tail.result;
    const expected = `${Array.from({ length: 5000 }, (_, i) => `line ${i}\n`).join("")}half\nrest\n`;
    expect(whole.text()).toBe(expected);
    expect(tail.text()).toBe(expected.slice(1000));
    expect([String(result.get("exit")), String(result.get("value"))]).toEqual(["code", "9"]);
    await second.end("destroy");
  });

  test("stops at the credit of its reader and goes on with more", async () => {
    await using client = await HelperClient.open({}, folder);
    await client.sh("head -c 300000 /dev/zero", { durable: true, commandId: "zeros" }).result;
    const request = attach(client, "zeros", 0, false, 1000);
    await request.event("started");
    await client.start(["true"]).result;
    expect(Buffer.concat(request.output[1] ?? []).length).toBe(1000);
    request.credit(400_000);
    await request.result;
    expect(Buffer.concat(request.output[1] ?? []).length).toBe(300_000);
    await client.end("destroy");
  });

  test("says expired with the floors when the journal was trimmed", async () => {
    await using client = await HelperClient.open({}, folder);
    const started = client.sh("head -c 20000000 /dev/zero | tr '\\0' x", {
      durable: true,
      commandId: "much",
      maxJournalBytes: 1_000_000,
    });
    await started.result;
    const failure = (await attach(client, "much").result.catch((error: unknown) => error)) as HelperFailure;
    expect(failure.field("code")).toBe("expired");
    const floor = Number(failure.field("floorStdout"));
    expect(floor).toBeGreaterThan(10_000_000);
    const rest = attach(client, "much", floor);
    await rest.result;
    const bytes = Buffer.concat(rest.output[1] ?? []);
    expect(bytes.length).toBe(20_000_000 - floor);
    expect(bytes.every((byte) => byte === 120)).toBe(true);
    const read = (offset: number) =>
      client.request("command.read", { commandId: "much", stream: "stdout", offset, maxBytes: 10 }).result;
    expect(String((await read(floor)).get("contents"))).toBe("xxxxxxxxxx");
    expect(String((await read(19_999_995)).get("contents"))).toBe("xxxxx");
    expect(String((await read(20_000_000)).get("contents"))).toBe("");
    await expect(read(floor - 1)).rejects.toThrow(/code=expired/);
    await client.end("destroy");
  });

  test("goes on at the floor for a reader that it overtook, and says how much that one will never get", async () => {
    await using client = await HelperClient.open({}, folder);
    const command = { durable: true, commandId: "fast", maxJournalBytes: 1_000_000, credit: 1000 };
    const xs = (count: number) => `head -c ${count} /dev/zero | tr '\\0' x`;
    const script = `${xs(1000)}; while [ ! -e go ]; do sleep 0.02; done; ${xs(19_999_000)}; exit 3`;
    const slow = client.start(["sh", "-c", script], command, false);
    await slow.until("x".repeat(1000));
    await client.start(["touch", "go"]).result;
    await untilEnded(client);
    slow.credit(20_000_000);
    const result = await slow.result;
    const dropped = Number((await slow.event("dropped")).get("bytes"));
    const bytes = Buffer.concat(slow.output[1] ?? []);
    expect(dropped).toBeGreaterThan(10_000_000);
    expect(bytes.length + dropped).toBe(20_000_000);
    expect(bytes.every((byte) => byte === 120)).toBe(true);
    expect([String(result.get("value")), String(result.get("stdoutBytes"))]).toEqual(["3", "20000000"]);
    await client.end("destroy");
  });

  test("is cancelled by a later helper, tree and all", async () => {
    const mark = `zoo-${process.pid}-cancel`;
    const first = await HelperClient.open({}, folder);
    const started = first.sh(
      `trap '' TERM HUP; (setsid sh -c 'trap "" TERM; while :; do sleep 1; done' ${mark} &) ; echo up; while :; do sleep 1; done`,
      { durable: true, commandId: "job" },
    );
    await started.until("up");
    first.process.kill("SIGKILL");
    await first.exited;
    expect(processesWith(mark).length).toBeGreaterThan(0);
    await using second = await HelperClient.open({ mode: "resume" }, folder);
    const following = attach(second, "job");
    await following.event("started");
    const result = await second.request("command.cancel", { commandId: "job", graceMs: 0 }).result;
    expect([String(result.get("cancelled")), String(result.get("confirmed"))]).toEqual(["1", "1"]);
    expect(processesWith(mark)).toEqual([]);
    expect(String((await following.result).get("reason"))).toBe("cancelled");
    await second.end("destroy");
  });

  test("keeps its timeout without a helper", async () => {
    const first = await HelperClient.open({}, folder);
    const started = first.sh("echo up; sleep 600", { durable: true, commandId: "job", timeoutMs: 300 });
    await started.until("up");
    first.process.kill("SIGKILL");
    await first.exited;
    await using second = await HelperClient.open({ mode: "resume" }, folder);
    expect(String((await attach(second, "job").result).get("reason"))).toBe("timeout");
    await second.end("destroy");
  });

  test("ends with close, lives on after detach, and is reaped when it is over", async () => {
    const first = await HelperClient.open({ sessionId: "a" }, folder);
    await first.sh("echo up; sleep 600", { durable: true, commandId: "job" }).until("up");
    await first.end("detach");

    const second = await HelperClient.open({ mode: "resume", sessionId: "a" }, folder);
    const [record] = list((await second.request("command.list").result).get("commands")).map((text) =>
      unpackRecord(Buffer.from(text)),
    );
    expect(String(record?.get("state"))).toBe("running");
    const pid = Number(record?.get("pid"));
    const ended = await second.end("close");
    expect(String(ended.get("commandsEnded"))).toBe("1");
    await untilGone(() => [pid]);

    await using third = await HelperClient.open({ sessionId: "b" }, folder);
    const reaped = await third.request("session.reap").result;
    expect([list(reaped.get("reaped")), list(reaped.get("kept"))]).toEqual([["a"], ["b"]]);
    await third.end("destroy");
  });

  test("has a terminal, input, sizes and signals like any other", async () => {
    await using client = await HelperClient.open({}, folder);
    const script =
      "stty size; read a; stty size; echo got $a; trap 'exit 9' USR1; echo ready; while :; do sleep 0.02; done";
    const request = client.sh(script, { durable: true, columns: 80, rows: 24, stdin: "pipe", commandId: "terminal" });
    await request.until("24 80");
    await client.request("command.resize", { commandId: "terminal", columns: 100, rows: 30 }).result;
    request.data("hey\n");
    await request.until("ready");
    expect(request.text()).toMatch(/30 100\r\ngot hey/);
    await client.request("command.signal", { commandId: "terminal", signal: "USR1" }).result;
    expect(String((await request.result).get("value"))).toBe("9");
    await client.end("destroy");
  });

  test("leaves nothing behind when its program cannot be executed", async () => {
    await using client = await HelperClient.open({}, folder);
    await expect(client.start(["no-such-program"], { durable: true, commandId: "job" }).result).rejects.toThrow(
      /errno=ENOENT/,
    );
    expect(list((await client.request("command.list").result).get("commands"))).toEqual([]);
    const request = client.start(["cat"], { durable: true, stdin: "pipe", commandId: "job" });
    request.data("early\n");
    request.end();
    await request.result;
    expect(request.text()).toBe("early\n");
    await client.end("destroy");
  });

  test("that a killed helper could not tell what to execute was never started, and its id is free", async () => {
    const first = await HelperClient.open({}, folder);
    // After an answer the helper has time to have them all ready.
    while (waitingChildrenOf(first.process.pid ?? 0).length < 3) await first.request("command.list").result;
    const children = waitingChildrenOf(first.process.pid ?? 0);
    for (const pid of children) process.kill(pid, "SIGSTOP");
    // More than a socket takes at once, so that the child has a part of it when the helper dies.
    const padding = Array.from({ length: 15 }, () => "x".repeat(100_000));
    const script = "echo ran >> ran";
    first.start(["sh", "-c", script, ...padding], { durable: true, commandId: "job" }).result.catch(() => undefined);
    while (!existsSync(metaOf(folder))) await new Promise(setImmediate);
    await first.request("command.list").result;
    first.process.kill("SIGKILL");
    await first.exited;
    // Those that waited for other commands end with their supervisors.
    for (const pid of children) trySignal(pid, "SIGCONT");

    await using second = await HelperClient.open({ mode: "resume" }, folder);
    await untilGone(() => children);
    await untilUnknown(second);
    const again = await second.sh(`${script}; wc -l < ran`, { durable: true, commandId: "job" }).result;
    expect(String(again.get("exit"))).toBe("code");
    expect(readFileSync(path.join(folder, "work", "ran"), "utf8")).toBe("ran\n");
    await second.end("destroy");
  });

  test("that has closed its output and runs on costs nothing meanwhile", async () => {
    await using client = await HelperClient.open({}, folder);
    const request = client.sh("echo up; exec >&- 2>&-; while [ ! -e go ]; do sleep 0.02; done; exit 4", {
      durable: true,
      commandId: "job",
    });
    await request.until("up");
    const supervisor = Number(unpackRecord(readFileSync(metaOf(folder))).get("supervisorPid"));
    const used = () => readFileSync(`/proc/${supervisor}/stat`, "latin1").split(") ")[1]?.split(" ").slice(11, 13);
    const sum = () => (used() ?? []).reduce((total, ticks) => total + Number(ticks), 0);
    const before = sum();
    await client.start(["sleep", "0.5"]).result;
    // In hundredths of a second.
    expect(sum() - before).toBeLessThan(10);
    await client.start(["touch", "go"]).result;
    expect(String((await request.result).get("value"))).toBe("4");
    await client.end("destroy");
  });

  test("whose supervisor was killed has an unknown exit, and nothing of it is left", async () => {
    const mark = `zoo-${process.pid}-orphan`;
    await using client = await HelperClient.open({}, folder);
    const request = client.sh(`echo up; sleep 600; : ${mark}`, { durable: true, commandId: "job" });
    await request.until("up");
    const meta = unpackRecord(readFileSync(metaOf(folder)));
    process.kill(Number(meta.get("supervisorPid")), "SIGKILL");
    const result = await request.result;
    expect(String(result.get("exit"))).toBe("unknown");
    expect(processesWith(mark)).toEqual([]);
    await client.end("destroy");
  });
});

async function untilEnded(client: HelperClient): Promise<void> {
  for (;;) {
    const records = list((await client.request("command.list").result).get("commands"));
    const durable = records.filter((record) => record.includes("durable"));
    if (durable.length > 0 && durable.every((record) => record.includes("ended"))) return;
  }
}

/** Waits until the helper says that there is no such command; until then it must not tell an exit. */
async function untilUnknown(client: HelperClient): Promise<void> {
  for (;;) {
    const failure = await attach(client, "job").result.then(
      (result) => expect(String(result.get("exit"))).toBe("unknown"),
      (error: unknown) => error as HelperFailure,
    );
    if (failure !== undefined && failure.field("code") === "not_found") return;
  }
}

function trySignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It is gone already.
  }
}

function metaOf(folder: string): string {
  const base = path.join(folder, "state/mooring");
  const [session = ""] = readdirSync(base);
  const [command = ""] = readdirSync(path.join(base, session, "commands"));
  return path.join(base, session, "commands", command, "meta");
}
