import { runnerErrorCodes } from "@mooring/api";
import { describe, expect, test } from "vitest";
import { codeOfErrno, errnoError, errnoTable } from "../../src/errors/errno-table.js";

describe("the errno table", () => {
  test.each(Object.entries(errnoTable))("%s is %s", (errno, code) => {
    expect(runnerErrorCodes).toContain(code);
    expect(codeOfErrno(errno)).toBe(code);
    expect(errnoError(errno, "it failed").details).toEqual({ errno });
  });

  test.each([
    ["ENOENT", "not_found"],
    ["EACCES", "permission_denied"],
    ["EPERM", "permission_denied"],
    ["EROFS", "permission_denied"],
    ["EEXIST", "already_exists"],
    ["ENOSPC", "resource_exhausted"],
    ["EDQUOT", "resource_exhausted"],
    ["EMFILE", "resource_exhausted"],
    ["ECONNREFUSED", "unavailable"],
    ["E2BIG", "invalid_request"],
  ])("%s keeps meaning %s", (errno, code) => {
    expect(codeOfErrno(errno)).toBe(code);
  });

  test("a name that is not in it is a defect of ours, not a guess", () => {
    expect(codeOfErrno("EWHATEVER")).toBe("internal");
    expect(codeOfErrno("toString")).toBe("internal");
  });
});
