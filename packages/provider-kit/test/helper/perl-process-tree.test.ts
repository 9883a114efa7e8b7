import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { hazards } from "../support/hazards.js";
import { HelperClient, list } from "../support/helper-client.js";
import type { Request } from "../support/helper-request.js";
import { processesWith, untilGone } from "../support/process-zoo.js";
import { childrenOf } from "../support/processes.js";

let marks = 0;

interface Scene {
  readonly client: HelperClient;
  readonly request: Request;
}

/** Each ends a command, and returns once it should be gone with all that it started. */
const endings: Readonly<
  Record<string, { readonly timeoutMs?: number; readonly end: (scene: Scene) => Promise<unknown> }>
> = {
  "its timeout": { timeoutMs: 1000, end: ({ request }) => request.result },
  cancel: { end: ({ client }) => client.request("command.cancel", { commandId: "zoo", graceMs: 0 }).result },
  "abandoning its request": {
    end: async ({ request }) => {
      request.abandon();
      await request.result;
    },
  },
  "the end of the session": { end: ({ client }) => client.end("close") },
  "the helper's death": {
    end: async ({ client }) => {
      client.process.kill("SIGKILL");
      await client.exited;
    },
  },
  "the end of the helper's input": {
    end: async ({ client }) => {
      client.process.stdin?.end();
      await client.exited;
    },
  },
};

describe.each(Object.entries(hazards))("%s", (_name, hazard) => {
  test.each(Object.entries(endings))("does not outlive %s", async (_ending, { timeoutMs, end }) => {
    const mark = `zoo-${process.pid}-${marks++}-`;
    await using client = await HelperClient.open();
    const request = client.sh(`${hazard(mark)}\nexec sleep 600`, { commandId: "zoo", timeoutMs });
    await request.until("hidden");
    await end({ client, request });
    // After a kill -9 nobody is left to wait for.
    if (client.process.signalCode === "SIGKILL") await untilGone(() => processesWith(mark));
    expect(processesWith(mark)).toEqual([]);
  });
});

test("A neighbour is not hurt by any of it", async () => {
  await using client = await HelperClient.open();
  const neighbour = client.sh(`setsid sleep 600 & echo up; exec sleep 600`, { commandId: "neighbour" });
  await neighbour.until("up");
  const mark = `zoo-${process.pid}-${marks++}-`;
  for (const hazard of Object.values(hazards)) {
    const request = client.sh(`${hazard(mark)}\nexec sleep 600`);
    await request.until("hidden");
    request.abandon();
    await request.result;
    expect(processesWith(mark)).toEqual([]);
  }
  const commands = list((await client.request("command.list").result).get("commands"));
  expect(commands.filter((record) => record.includes("neighbour") && record.includes("running"))).toHaveLength(1);
});

test("What a killed supervisor leaves is ended, and the command's exit is unknown", async () => {
  await using client = await HelperClient.open();
  const mark = `zoo-${process.pid}-${marks++}-`;
  const neighbour = client.sh("echo up; exec sleep 600");
  await neighbour.until("up");
  const request = client.sh(
    `${Object.values(hazards)
      .map((hazard) => hazard(mark))
      .join("\n")}\necho parent $PPID; exec sleep 600`,
  );
  await request.until("parent");
  process.kill(Number(/parent (\d+)/.exec(request.text())?.[1]), "SIGKILL");
  const result = await request.result;
  expect(String(result.get("exit"))).toBe("unknown");
  expect(processesWith(mark)).toEqual([]);
  await expect.poll(() => zombiesOf(client.process.pid ?? 0)).toEqual([]);
  neighbour.abandon();
  expect(String((await neighbour.result).get("reason"))).toBe("cancelled");
});

test("What comes to the helper after the sweep of a killed supervisor is ended and collected, too", async () => {
  const mark = `zoo-${process.pid}-${marks++}-`;
  await using client = await HelperClient.open();
  const hopper = hazards["a process that changes its number all the time"]?.(mark);
  for (let round = 0; round < 5; round++) {
    const request = client.sh(`${hopper}\n${hopper}\n${hopper}\necho parent $PPID; exec sleep 600`);
    await request.until("parent");
    process.kill(Number(/parent (\d+)/.exec(request.text())?.[1]), "SIGKILL");
    await request.result;
  }
  await untilGone(() => processesWith(mark));
  const helper = client.process.pid;
  const children = () => readFileSync(`/proc/${helper}/task/${helper}/children`, "latin1").trim().split(" ");
  const named = () => children().map((pid) => readFileSync(`/proc/${pid}/stat`, "latin1").split(/[()] ?/)[1]);
  // What is dead is no longer there: numbers of processes are not without end.
  await expect.poll(() => named().filter((name) => !name?.startsWith("mooring-"))).toEqual([]);
});

/** Children that nobody has waited for. */
function zombiesOf(parent: number): number[] {
  return childrenOf(parent).filter((pid) => {
    try {
      return / [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
    } catch {
      return false;
    }
  });
}

test("A killed spawner fails the session after a sweep", async () => {
  await using client = await HelperClient.open();
  const mark = `zoo-${process.pid}-${marks++}-`;
  const request = client.sh(
    `${hazards["an orphaned daemon that ignores TERM and HUP"]?.(mark)}\necho up $PPID; exec sleep 600`,
  );
  await request.until("up");
  const supervisor = /up (\d+)/.exec(request.text())?.[1];
  const spawner = readFileSync(`/proc/${supervisor}/stat`, "latin1").split(") ")[1]?.split(" ")[1];
  process.kill(Number(spawner), "SIGKILL");
  await expect(request.result).rejects.toThrow(/code=internal/);
  await client.exited;
  await untilGone(() => processesWith(mark));
});

test("Background children live on after a normal exit, are listed, and end with cancel", async () => {
  await using client = await HelperClient.open();
  const mark = `zoo-${process.pid}-${marks++}-`;
  const request = client.sh(`setsid sh -c 'while :; do sleep 1; done' ${mark} >/dev/null 2>&1 & echo $!`, {
    commandId: "server",
  });
  const result = await request.result;
  const background = list(result.get("background"));
  expect([String(result.get("exit")), String(result.get("value"))]).toEqual(["code", "0"]);
  expect(background).toContain(request.text().trim());
  expect(processesWith(mark)).toContain(Number(request.text()));
  const [listed = ""] = list((await client.request("command.list").result).get("commands"));
  expect(listed).toContain("background");
  const cancelled = await client.request("command.cancel", { commandId: "server", graceMs: 0 }).result;
  expect([String(cancelled.get("cancelled")), String(cancelled.get("confirmed"))]).toEqual(["1", "1"]);
  expect(processesWith(mark)).toEqual([]);
  const again = await client.request("command.cancel", { commandId: "server", graceMs: 0 }).result;
  expect([again.get("cancelled"), String(again.get("confirmed"))]).toEqual([undefined, "1"]);
});

test("The end of a session gives a command no more time than it asked for", async () => {
  await using client = await HelperClient.open();
  const asked = (graceMs: number, then: string) =>
    client.sh(`trap 'echo asked; ${then}' TERM; echo up; while :; do sleep 0.02; done`, { graceMs });
  const [hasty, patient] = [asked(0, ":"), asked(20_000, "exit")];
  await Promise.all([hasty.until("up"), patient.until("up")]);
  const before = performance.now();
  await client.end("close", 60_000);
  expect(performance.now() - before).toBeLessThan(30_000);
  expect([hasty.text(), patient.text()]).toEqual(["up\n", "up\nasked\n"]);
});

test("A second cancel finds nothing to end", async () => {
  await using client = await HelperClient.open();
  const request = client.sh("echo up; exec sleep 600", { commandId: "once" });
  await request.until("up");
  const cancel = () => client.request("command.cancel", { commandId: "once", graceMs: 0 }).result;
  expect(String((await cancel()).get("cancelled"))).toBe("1");
  expect((await cancel()).get("cancelled")).toBeUndefined();
});

test("Grace lets a command end by itself", async () => {
  await using client = await HelperClient.open();
  const request = client.sh(`trap 'echo bye; exit 5' TERM; echo up; while :; do sleep 0.05; done`, {
    commandId: "polite",
  });
  await request.until("up");
  await client.request("command.cancel", { commandId: "polite", graceMs: 5000 }).result;
  const result = await request.result;
  expect(request.text()).toContain("bye");
  expect([String(result.get("exit")), String(result.get("value")), String(result.get("reason"))]).toEqual([
    "code",
    "5",
    "cancelled",
  ]);
});

test("Two hundred commands run at once, and their supervisors go home", async () => {
  await using client = await HelperClient.open();
  const requests = Array.from({ length: 200 }, (_, index) =>
    client.sh(`read line; echo ${index} $line`, { stdin: "pipe" }),
  );
  await Promise.all(requests.map((request) => request.event("started")));
  for (const request of requests) {
    request.data("go\n");
    request.end();
  }
  const results = await Promise.all(requests.map((request) => request.result));
  expect(results.every((result) => String(result.get("value")) === "0")).toBe(true);
  expect(requests.map((request) => request.text())).toEqual(requests.map((_, index) => `${index} go\n`));
  await client.end("destroy");
});
