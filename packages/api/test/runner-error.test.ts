import { RunnerError, runnerErrorCodes } from "@mooring/api";
import { describe, expect, it, vi } from "vitest";

describe("RunnerError", () => {
  it("is told across copies of the package", async () => {
    vi.resetModules();
    const copy = await import("@mooring/api");
    expect(copy.RunnerError).not.toBe(RunnerError);
    const error = new copy.RunnerError("conflict", "changed meanwhile");
    expect(error).not.toBeInstanceOf(RunnerError);
    expect(RunnerError.is(error)).toBe(true);
    expect(copy.RunnerError.is(new RunnerError("ended", "over"))).toBe(true);
  });

  it.each([null, undefined, "RunnerError", 7, new Error("no"), { code: "conflict" }])("is not %s", (value) => {
    expect(RunnerError.is(value)).toBe(false);
  });

  it("does not know by default whether trying again helps, or how far the work had come", () => {
    const error = new RunnerError("internal", "broken");
    expect(error).toMatchObject({ name: "RunnerError", retryable: null, phase: "unknown" });
    expect(error).toBeInstanceOf(Error);
    expect("cause" in error).toBe(false);
  });

  it("keeps its cause, and leaves it and the stack out of its JSON", () => {
    const cause = new Error("the very reason");
    const error = new RunnerError("unavailable", "not now", {
      cause,
      provider: "docker",
      operation: "files.write",
      resource: "file",
      retryable: true,
      retryAfterMs: 5,
      phase: "before_start",
      details: { errno: "EAGAIN" },
    });
    expect(error.cause).toBe(cause);
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      name: "RunnerError",
      code: "unavailable",
      message: "not now",
      provider: "docker",
      operation: "files.write",
      resource: "file",
      retryable: true,
      retryAfterMs: 5,
      phase: "before_start",
      details: { errno: "EAGAIN" },
    });
  });

  it("has each code once", () => {
    expect(new Set(runnerErrorCodes).size).toBe(runnerErrorCodes.length);
  });
});
