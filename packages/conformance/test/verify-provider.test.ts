import {
  type CheckResult,
  listChecks,
  type ProviderFacts,
  summarize,
  type Verification,
  verifyProvider,
} from "@mooring/conformance";
import { type MemoryProvider, memoryProvider } from "@mooring/conformance/doubles";
import { describe, expect, it } from "vitest";

const destination = {
  id: "here",
  providerId: "memory",
  config: {},
  defaultManifest: { entries: [], mounts: [] },
};

async function collect(verification: Verification): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for await (const result of verification) results.push(result);
  return results;
}

function only(provider: MemoryProvider, ids: readonly string[], facts: Partial<ProviderFacts> = {}) {
  return collect(verifyProvider(provider, { destination, only: ids, ...facts }));
}

describe("the list of checks", () => {
  it("has more than two hundred, each with an id of its own and a sentence for a title", () => {
    const checks = listChecks();
    expect(checks.length).toBeGreaterThan(200);
    expect(new Set(checks.map(({ id }) => id)).size).toBe(checks.length);
    for (const { id, title } of checks) {
      expect(id).toMatch(/^[a-z]+\.[a-z0-9-]+$/);
      expect(title).toMatch(/^\S.{15,}[^.\s]$/s);
    }
  });

  it("can be narrowed to groups and ids, of which both must hold", () => {
    const groups = ["output"];
    expect(new Set(listChecks({ groups }).map(({ group }) => group))).toEqual(new Set(groups));
    expect(listChecks({ groups, only: ["output.binary", "files.stat"] }).map(({ id }) => id)).toEqual([
      "output.binary",
    ]);
  });
});

describe("a run of the checks", () => {
  it("passes the memory provider in all that it claims, and skips the rest with reasons", async () => {
    const provider = memoryProvider();
    const verification = verifyProvider(provider, {
      destination,
      wrongConfig: { workspace: "relative" },
      sever: async ({ id }) => provider.loseConnection(id),
    });
    const results = await collect(verification);
    expect(results.filter(({ status }) => status === "failed")).toEqual([]);
    for (const { status, reason } of results) expect(reason === undefined).toBe(status === "passed");
    expect(results.filter(({ status }) => status === "passed").length).toBeGreaterThan(50);
    expect(verification.capabilities).toEqual(provider.capabilities);
  });

  it("calls a check that hangs failed, and goes on in a session of its own", async () => {
    const provider = memoryProvider();
    const create = provider.createSession.bind(provider);
    let sessions = 0;
    provider.createSession = async (where, options) => {
      sessions += 1;
      const session = await create(where, options);
      if (sessions > 1) return session;
      return Object.assign(Object.create(session), {
        id: session.id,
        capabilities: session.capabilities,
        ended: session.ended,
        workspace: session.workspace,
        commands: session.commands,
        destroy: () => session.destroy(),
        files: { ...session.files, makeDirectory: () => new Promise(() => undefined) },
      });
    };
    const results = await only(provider, ["files.bytes-roundtrip", "files.text-is-utf8"], { deadlineMs: 50 });
    expect(results.map(({ status }) => status)).toEqual(["failed", "passed"]);
    expect(results[0]?.reason).toBe("did not settle within 50 ms");
    expect(sessions).toBe(2);
  });

  it("calls a check failed when no session can be opened, and says why", async () => {
    const provider = memoryProvider();
    provider.createSession = () => Promise.reject(new Error("no room"));
    const [result] = await only(provider, ["files.stat"]);
    expect(result).toMatchObject({ status: "failed", reason: "something else was thrown: Error: no room" });
  });

  it("keeps secrets out of its evidence", async () => {
    const provider = memoryProvider();
    const secrets: string[] = [];
    const create = provider.createSession.bind(provider);
    provider.createSession = async (where, options) => {
      const canary = options?.env?.["CANARY"];
      const session = await create(where, options);
      if (typeof canary !== "string") return session;
      secrets.push(canary);
      session.state = () => ({ version: 1, canary }) as never;
      return session;
    };
    const results = await only(provider, ["lifecycle.state-is-json-without-secrets"]);
    expect(results[0]?.status).toBe("failed");
    expect(secrets).toHaveLength(1);
    expect(JSON.stringify(results)).not.toContain(secrets[0]);
    expect(JSON.stringify(results)).toContain("[secret]");
  });

  it("bounds what one result holds", async () => {
    const provider = memoryProvider({ workspace: `/${"long/".repeat(200)}end` });
    const results = await collect(verifyProvider(provider, { destination, groups: ["files", "capabilities"] }));
    for (const result of results) expect(JSON.stringify(result).length).toBeLessThan(40_000);
  });

  it("leaves nothing in the workspace, and ends its sessions", async () => {
    const provider = memoryProvider({ files: { "/workspace/mine": "x" } });
    await collect(verifyProvider(provider, { destination, groups: ["files", "lifecycle"] }));
    const left: string[] = [];
    for await (const session of provider.listSessions?.(destination) ?? []) left.push(session.sessionId);
    expect(left).toEqual([]);
    const { files } = await provider.createSession(destination);
    const paths: string[] = [];
    for await (const { path } of files.list(".")) paths.push(path);
    expect(paths).toEqual(["/workspace/mine"]);
  });
});

describe("a report", () => {
  it("counts by status and by group, and is JSON", async () => {
    const provider = memoryProvider();
    const verification = verifyProvider(provider, { destination, groups: ["terminal", "restricted"] });
    const results = await collect(verification);
    const { capabilities } = verification;
    const report = summarize(results, { providerId: "memory", destinationId: "here", capabilities });
    expect(report.total).toBe(results.length);
    expect(report.passed + report.failed + report.skipped).toBe(report.total);
    expect(report.groups["terminal"]).toMatchObject({ passed: 0, failed: 0 });
    expect(report.capabilities?.commands.pty).toBe("none");
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });
});
