import type {
  RunnerCommand,
  RunnerCommandRequest,
  RunnerCommandResult,
  RunnerCommandStdin,
  RunnerError,
  RunnerErrorCode,
  RunnerFileContents,
  RunnerFiles,
  RunnerOutput,
  SecretRef,
  Text,
} from "@mooring/api";
import { expectTypeOf, test } from "vitest";

test("a request names a program or a script, and never both", () => {
  expectTypeOf<{ program: "ls" }>().toExtend<RunnerCommandRequest>();
  expectTypeOf<{ program: Uint8Array; args: Text[] }>().toExtend<RunnerCommandRequest>();
  expectTypeOf<{ script: "ls | wc"; shell: "/bin/bash" }>().toExtend<RunnerCommandRequest>();
  expectTypeOf<{ program: "ls"; script: "ls" }>().not.toExtend<RunnerCommandRequest>();
  expectTypeOf<{ script: "ls"; args: string[] }>().not.toExtend<RunnerCommandRequest>();
  expectTypeOf<{ program: "ls"; shell: "/bin/bash" }>().not.toExtend<RunnerCommandRequest>();
  expectTypeOf<{ cwd: "sub" }>().not.toExtend<RunnerCommandRequest>();
});

test("standard input is a mode or contents, and a bare text is neither", () => {
  expectTypeOf<"none">().toExtend<RunnerCommandStdin>();
  expectTypeOf<"pipe">().toExtend<RunnerCommandStdin>();
  expectTypeOf<{ text: string }>().toExtend<RunnerCommandStdin>();
  expectTypeOf<ReadableStream<Uint8Array>>().toExtend<RunnerCommandStdin>();
  expectTypeOf<"some text">().not.toExtend<RunnerCommandStdin>();
});

test("variables are a record or pairs, of texts or references to secrets", () => {
  type Environment = NonNullable<RunnerCommandRequest["env"]>;
  expectTypeOf<{ A: string; B: SecretRef }>().toExtend<Environment>();
  expectTypeOf<[["A", "1"], ["A", SecretRef]]>().toExtend<Environment>();
  expectTypeOf<{ A: number }>().not.toExtend<Environment>();
});

test("an exit is a code, a signal or unknown, and nothing is invented between them", () => {
  expectTypeOf<RunnerCommandResult["exit"]>().toEqualTypeOf<
    | { readonly kind: "code"; readonly code: number }
    | { readonly kind: "signal"; readonly signal: string }
    | { readonly kind: "unknown"; readonly detail: string }
  >();
  expectTypeOf<RunnerCommandResult["reason"]>().toEqualTypeOf<
    "exited" | "timeout" | "cancelled" | "closed" | "disconnected" | "out_of_memory"
  >();
  expectTypeOf<RunnerOutput["bytes"]>().toEqualTypeOf<Uint8Array>();
  expectTypeOf<RunnerCommand["pid"]>().toEqualTypeOf<number | null>();
  expectTypeOf<RunnerCommand>().toExtend<AsyncDisposable>();
});

test("files are bytes and carry a version", () => {
  expectTypeOf<RunnerFiles["read"]>().returns.resolves.toEqualTypeOf<RunnerFileContents>();
  expectTypeOf<RunnerFileContents["contents"]>().toEqualTypeOf<Uint8Array>();
  expectTypeOf<RunnerFileContents["version"]>().toEqualTypeOf<string>();
});

test("the codes of errors are closed", () => {
  expectTypeOf<RunnerErrorCode>().toEqualTypeOf<
    | "unsupported"
    | "invalid_request"
    | "not_found"
    | "already_exists"
    | "permission_denied"
    | "path_escape"
    | "conflict"
    | "timeout"
    | "cancelled"
    | "disconnected"
    | "ended"
    | "expired"
    | "unauthenticated"
    | "resource_exhausted"
    | "unavailable"
    | "corrupt"
    | "internal"
  >();
  expectTypeOf<RunnerError["code"]>().toEqualTypeOf<RunnerErrorCode>();
  expectTypeOf<RunnerError["retryable"]>().toEqualTypeOf<boolean | null>();
});
