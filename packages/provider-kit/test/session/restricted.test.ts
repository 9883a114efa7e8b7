import { describe, expect, test } from "vitest";
import type { RequestScript } from "../support/fake-helper.js";
import { collect } from "../support/collect.js";
import { fakeProvider } from "../support/fake-provider.js";

function opened() {
  const paths: string[] = [];
  const answer: RequestScript = (helper, id, record) => {
    paths.push((record.get("path") ?? record.get("cwd") ?? "(none)").toString());
    if (record.get("op")?.toString() === "command.start") helper.event(id, { event: "started", pid: 1 });
    else helper.error(id, { errno: "ENOENT", message: "not there" });
  };
  const operations = ["file.read", "file.write", "file.stat", "file.grep", "command.start"];
  const fake = fakeProvider({ requests: Object.fromEntries(operations.map((name) => [name, answer])) });
  return { paths, opening: fake.open({ readRoots: ["/lib/shared"] }) };
}

describe("a view of a session", () => {
  test("of the whole session leaves paths to the far side", async () => {
    const { paths, opening } = opened();
    await using session = await opening;
    const view = session.restricted();
    await expect(view.files.stat("../x")).rejects.toMatchObject({ code: "not_found" });
    expect(paths).toEqual(["../x"]);
    expect(view.capabilities.files.confinement).toBe("kernel");
  });

  test("of a directory starts there and stays there", async () => {
    const { paths, opening } = opened();
    await using session = await opening;
    const view = session.restricted({ workspace: "/srv/place/sub" });
    expect(view.workspace).toBe("/srv/place/sub");
    await expect(view.files.stat("a/../b")).rejects.toMatchObject({ code: "not_found" });
    await expect(view.files.stat("/lib/shared/x")).rejects.toMatchObject({ code: "not_found" });
    await view.commands.start({ program: "x" });
    await view.commands.start({ program: "x", cwd: "deep" });
    expect(paths).toEqual(["/srv/place/sub/b", "/lib/shared/x", "/srv/place/sub", "/srv/place/sub/deep"]);
    for (const path of ["..", "../other", "/srv/place", "/srv/place/subversive", "/etc/passwd", "a/../../.."]) {
      await expect(view.files.stat(path)).rejects.toMatchObject({ code: "path_escape" });
    }
    await expect(view.files.write("/lib/shared/x", "")).rejects.toMatchObject({ code: "path_escape" });
    await expect(view.commands.start({ program: "x", cwd: "/srv/place" })).rejects.toMatchObject({
      code: "path_escape",
    });
    await expect(collect(view.files.grep("x", { path: ".." }))).rejects.toMatchObject({ code: "path_escape" });
    expect(view.capabilities.files.confinement).toBe("advisory");
  });

  test("can have fewer read roots, and no more", async () => {
    const { opening } = opened();
    await using session = await opening;
    const view = session.restricted({ readRoots: [] });
    await expect(view.files.stat("/lib/shared/x")).rejects.toMatchObject({ code: "path_escape" });
    expect(() => session.restricted({ readRoots: ["/etc"] })).toThrowError(/`readRoots\[0\]` to lie within/);
    expect(() => session.restricted({ workspace: "/lib/shared" })).toThrowError(/`workspace` to lie within/);
    expect(() => session.restricted({ workspace: "/srv/place/.." })).toThrowError(/`workspace` to lie within/);
    expect(() => session.restricted({ workspace: "sub" })).toThrowError(
      "Expected `workspace` to be an absolute path, got `sub` (string)",
    );
  });

  test("that is read-only changes nothing and runs nothing", async () => {
    const { paths, opening } = opened();
    await using session = await opening;
    const { files, commands, capabilities } = session.restricted({ readOnly: true });
    const calls = [
      files.write("a", "b"),
      files.remove("a"),
      files.rename("a", "b"),
      files.copy("a", "b"),
      files.makeDirectory("a"),
      commands.run({ program: "true" }),
      commands.cancel("x"),
    ];
    for (const call of calls) await expect(call).rejects.toMatchObject({ code: "permission_denied" });
    expect(paths).toEqual([]);
    expect(capabilities.files.access).toBe("read");
  });
});
