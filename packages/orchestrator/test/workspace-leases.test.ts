import { expect, test } from "vitest";
import { WorkspaceLeases, type LeaseMode } from "../src/sessions/workspace-leases.js";

const patient = { timeoutMs: 60_000 };

/** Takes a lease and notes when it came. */
function taker(leases: WorkspaceLeases, order: string[]) {
  return async (name: string, mode: LeaseMode, key = "w") => {
    const lease = await leases.acquire(key, mode, patient);
    order.push(name);
    return lease;
  };
}

test("Readers share a workspace; a writer waits for them and keeps later readers behind it", async () => {
  const order: string[] = [];
  const take = taker(new WorkspaceLeases(), order);
  const first = await take("reader 1", "shared");
  const second = await take("reader 2", "shared");
  const writer = take("writer", "exclusive");
  const late = take("reader 3", "shared");
  first.release();
  first.release();
  await Promise.resolve();
  expect(order).toEqual(["reader 1", "reader 2"]);
  second.release();
  (await writer).release();
  (await late).release();
  expect(order).toEqual(["reader 1", "reader 2", "writer", "reader 3"]);
});

test("Other workspaces are not waited for", async () => {
  const order: string[] = [];
  const take = taker(new WorkspaceLeases(), order);
  const held = await take("a", "exclusive", "one");
  (await take("b", "exclusive", "two")).release();
  held.release();
  expect(order).toEqual(["a", "b"]);
});

test("A wait that is too long or aborted is given up, and those behind it move on", async () => {
  const leases = new WorkspaceLeases();
  const held = await leases.acquire("w", "shared", patient);
  await expect(leases.acquire("w", "exclusive", { timeoutMs: 5 })).rejects.toMatchObject({
    code: "timeout",
    phase: "before_start",
    retryable: true,
  });
  const controller = new AbortController();
  const writer = leases.acquire("w", "exclusive", { ...patient, signal: controller.signal });
  const reader = leases.acquire("w", "shared", patient);
  controller.abort("enough");
  await expect(writer).rejects.toMatchObject({ code: "cancelled", cause: "enough" });
  (await reader).release();
  held.release();
  await expect(leases.acquire("w", "shared", { ...patient, signal: controller.signal })).rejects.toMatchObject({
    code: "cancelled",
  });
});
