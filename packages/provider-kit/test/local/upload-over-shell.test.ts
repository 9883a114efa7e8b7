import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { upload } from "../../src/local.js";
import { openTestPlace, testShells, type TestPlace } from "../support/test-shells.js";

let local: string;

beforeEach(() => {
  local = mkdtempSync(path.join(tmpdir(), "mooring-upload-"));
  mkdirSync(path.join(local, "a"));
  for (const name of ["a/one", "two"]) write(name, "words", 1_600_000_000_123);
});

afterEach(() => rmSync(local, { recursive: true }));

function write(name: string, contents: string, modifiedAtMs: number): void {
  writeFileSync(path.join(local, name), contents);
  utimesSync(path.join(local, name), modifiedAtMs / 1_000, modifiedAtMs / 1_000);
}

describe.each(testShells.map((shell) => ({ ...shell, shell })))("over $name", ({ shell, applets }) => {
  let place: TestPlace;

  beforeEach(async () => {
    place = await openTestPlace(shell);
  });

  afterEach(async () => {
    await place[Symbol.asyncDispose]();
  });

  const copy = () => upload({ files: place.far.files }, local, "tree");

  // BusyBox's `tar` leaves fractions of seconds out: nothing there can be known to be equal.
  test("a second copy copies what cannot be told to be equal, and a change within a second", async () => {
    expect(await copy()).toMatchObject({ files: 2, unchanged: 0 });
    expect(await copy()).toMatchObject(applets ? { files: 2, unchanged: 0 } : { files: 0, unchanged: 2 });
    write("two", "WORDS", 1_600_000_000_124);
    expect(await copy()).toMatchObject(applets ? { files: 2, unchanged: 0 } : { files: 1, unchanged: 1 });
    expect(readFileSync(path.join(place.root, "tree/two"), "utf8")).toBe("WORDS");
  });
});
