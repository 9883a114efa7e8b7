import type { RunnerCommandResult, RunnerOutput } from "@mooring/api";
import {
  decodeArtifactRequest,
  decodeArtifactResult,
  decodeCommandRequest,
  decodeCommandResult,
  decodeFileReadRequest,
  decodeFileReadResult,
  decodeFileWriteRequest,
  decodePortRequest,
  decodePortResult,
  encodeCommandRequest,
  encodeCommandResult,
  encodeFileReadResult,
  encodeFileWriteRequest,
  toRunnerCommandRequest,
  toSeedCommandResult,
} from "@mooring/api/seed";
import { describe, expect, it } from "vitest";
import { refusal } from "./refusal.js";

const everyByte = Uint8Array.from({ length: 256 }, (_, index) => index);

function output(text: string): RunnerOutput {
  const bytes = new TextEncoder().encode(text);
  return {
    bytes,
    text: () => text,
    totalBytes: bytes.length,
    droppedBytes: 0,
    truncated: false,
    headBytes: bytes.length,
  };
}

describe("the seed's command request", () => {
  it("needs no more than an id and a program (RO-16)", () => {
    const request = decodeCommandRequest({ command_id: "c1", program: "ls" });
    expect(request).toEqual({ commandId: "c1", program: "ls", args: [], cwd: null, env: [] });
    expect(toRunnerCommandRequest(request)).toEqual({
      commandId: "c1",
      program: "ls",
      args: [],
      env: [],
    });
  });

  it("keeps the order and the duplicates of its variables (RO-16)", () => {
    const seed = {
      command_id: "c1",
      program: "env",
      args: ["-i", "", "--", "é"],
      cwd: "sub dir",
      env: [
        ["B", "1"],
        ["A", "2"],
        ["B", "3"],
        ["EMPTY", ""],
      ],
    };
    expect(encodeCommandRequest(decodeCommandRequest(seed))).toEqual(seed);
  });

  it("leaves an absent time limit out (RO-17)", () => {
    const request = decodeCommandRequest({ command_id: "c1", program: "ls" });
    expect("timeout_ms" in encodeCommandRequest(request)).toBe(false);
    const limited = decodeCommandRequest({ command_id: "c1", program: "ls", timeout_ms: 5 });
    expect(encodeCommandRequest(limited)["timeout_ms"]).toBe(5);
  });

  it.each([
    [{ args: "no" }, "args", "an array"],
    [{ args: ["a", 1] }, "args.1", "a string"],
    [{ args: ["a\0b"] }, "args.0", "a string without NUL"],
    [{ env: { A: "1" } }, "env", "an array"],
    [{ env: [["A"]] }, "env.0", "a pair of a name and a value"],
    [{ env: [["A=B", "1"]] }, "env.0.0", "a variable's name: not empty, without ="],
    [{ timeout_ms: -1 }, "timeout_ms", "a whole number from 0 to 9007199254740991"],
    [{ cwd: 3 }, "cwd", "a string"],
  ])("names what is wrong in %j", (fields, field, expected) => {
    const error = refusal(() => decodeCommandRequest({ command_id: "c", program: "p", ...fields }));
    expect(error.message).toContain(`Wrong \`${field}\` of command request: expected ${expected}`);
  });
});

describe("the seed's command result", () => {
  it.each([0, 3, 255, -1, null])("carries the exit code %s (RO-18)", (exitCode) => {
    const seed = { command_id: "c1", exit_code: exitCode, stdout: "out\0\n", stderr: "" };
    expect(encodeCommandResult(decodeCommandResult(seed))).toEqual(seed);
  });

  it("has no exit code for a signal, nor where the end is not known (RO-18)", () => {
    const ended: Omit<RunnerCommandResult, "exit"> = {
      commandId: "c1",
      reason: "exited",
      stdout: output("out"),
      stderr: output("err"),
      startedAtMs: 0,
      durationMs: 1,
    };
    const exitCodeOf = (exit: RunnerCommandResult["exit"]) => toSeedCommandResult({ ...ended, exit }).exitCode;
    expect(exitCodeOf({ kind: "signal", signal: "SIGKILL" })).toBeNull();
    expect(exitCodeOf({ kind: "unknown", detail: "lost" })).toBeNull();
    expect(exitCodeOf({ kind: "code", code: 137 })).toBe(137);
    expect(toSeedCommandResult({ ...ended, exit: { kind: "code", code: 0 } })).toEqual({
      commandId: "c1",
      exitCode: 0,
      stdout: "out",
      stderr: "err",
    });
  });
});

describe("the seed's files", () => {
  it("carry all 256 byte values as base64 (RO-19, RO-20)", () => {
    const result = { path: "a.bin", contents: everyByte };
    const read = encodeFileReadResult(result);
    expect(read["contents"]).toBe(Buffer.from(everyByte).toString("base64"));
    expect(decodeFileReadResult(read)).toEqual(result);
    expect(decodeFileWriteRequest(encodeFileWriteRequest(result))).toEqual(result);
    expect(decodeFileReadRequest({ path: "a.bin" })).toEqual({ path: "a.bin" });
  });

  it("are read from an array of numbers too (RO-19, RO-20)", () => {
    const seed = { path: "a.bin", contents: [...everyByte] };
    expect(decodeFileReadResult(seed).contents).toEqual(everyByte);
    expect(decodeFileWriteRequest(seed).contents).toEqual(everyByte);
  });

  it("may be empty, and longer than one piece", () => {
    const long = Uint8Array.from({ length: 100_001 }, (_, index) => (index * 7) % 256);
    for (const contents of [new Uint8Array(0), long]) {
      const back = decodeFileReadResult(encodeFileReadResult({ path: "a", contents }));
      expect(Buffer.from(back.contents).equals(Buffer.from(contents))).toBe(true);
    }
  });

  it.each(["abc", "ab c=", "ab==cd", "é", [256], [-1], [1.5], ["1"], 7, null])("refuse the contents %j", (contents) => {
    const error = refusal(() => decodeFileWriteRequest({ path: "a", contents }));
    expect(error.message).toMatch(/^Wrong `contents(\.0)?` of file write request: expected /);
  });
});

describe("the seed's ports", () => {
  it.each([0, 65_536, -1, 80.5, "80"])("refuse %s (RO-21)", (port) => {
    for (const decode of [decodePortRequest, decodePortResult]) {
      expect(refusal(() => decode({ port })).message).toContain("expected a whole number from 1 to 65535");
    }
  });

  it("have neither label nor address by default (RO-21)", () => {
    expect(decodePortRequest({ port: 1 })).toEqual({ port: 1, label: null });
    expect(decodePortResult({ port: 65_535 })).toEqual({ port: 65_535, url: null });
  });
});

describe("the seed's artifacts", () => {
  it("are one file by default, without address and metadata (RO-22)", () => {
    expect(decodeArtifactRequest({ path: "out" })).toEqual({ path: "out", recursive: false });
    expect(decodeArtifactResult({ path: "out", artifact_id: "a1" })).toEqual({
      path: "out",
      artifactId: "a1",
      url: null,
      metadata: null,
    });
  });
});
