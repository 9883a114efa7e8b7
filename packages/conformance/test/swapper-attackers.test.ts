import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cSource } from "../src/swapper/attackers/c-source.js";
import { perlSource } from "../src/swapper/attackers/perl-source.js";
import { shellSource } from "../src/swapper/attackers/shell-source.js";

const compiler = "cc";
const hasCompiler = spawnSync(compiler, ["--version"]).status === 0;

/** Each puts what it needs into the directory, and resolves to a command without the attack's arguments. */
const attackers: Readonly<Record<string, (directory: string) => string[]>> = {
  perl: () => ["perl", "-e", perlSource],
  shell: () => ["sh", "-c", shellSource, "attack"],
  c(directory) {
    writeFileSync(join(directory, "attack.c"), cSource);
    const { status, stderr } = spawnSync(compiler, ["-Wall", "-Wextra", "-Werror", "-O2", "-o", "attack", "attack.c"], {
      cwd: directory,
      encoding: "utf8",
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    return [join(directory, "attack")];
  },
};

describe.each(Object.keys(attackers))("the attacker in %s", (name) => {
  const runs = name === "c" ? it.runIf(hasCompiler) : it;
  let directory: string;
  let child: ChildProcessWithoutNullStreams | undefined;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "mooring-attacker-"));
  });

  afterEach(() => {
    child?.kill("SIGKILL");
    rmSync(directory, { recursive: true, force: true });
  });

  const at = (path: string) => join(directory, path);
  const put = (path: string, text: string) => writeFileSync(at(path), text);

  /** Runs it until it has told of so many exchanges, then ends it; what it told last. */
  async function attack(given: readonly string[], until: number, meanwhile: () => void = () => undefined) {
    const [program = "", ...args] = attackers[name]?.(directory) ?? [];
    child = spawn(program, [...args, ...given], { cwd: directory });
    const exited = once(child, "exit");
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    expect((await lines.next()).value).toBe("ready");
    meanwhile();
    let last = 0;
    for (let line = await lines.next(); line.done !== true; line = await lines.next()) {
      last = Number(line.value);
      // Once: near its end it handles no other.
      if (last >= until && !child.killed) child.kill("SIGTERM");
    }
    expect(await exited).toEqual([0, null]);
    return last;
  }

  runs("exchanges a directory and a link, and leaves the directory in its place", async () => {
    mkdirSync(at("workspace/gate"), { recursive: true });
    put("workspace/gate/file", "inside");
    mkdirSync(at("outside"));
    symlinkSync("../outside", at("workspace/hidden"));
    const seen = new Set<string>();
    const told = await attack(["exchange", "workspace/gate", "workspace/hidden", "../outside", "1000"], 50, () => {
      const end = performance.now() + 2_000;
      while (seen.size < 2 && performance.now() < end) {
        try {
          seen.add(lstatSync(at("workspace/gate")).isSymbolicLink() ? "link" : "directory");
        } catch {
          // The one by several steps: missing in between.
        }
      }
    });
    expect(told).toBeGreaterThanOrEqual(50);
    expect([...seen].sort()).toEqual(["directory", "link"]);
    expect(readFileSync(at("workspace/gate/file"), "utf8")).toBe("inside");
    expect(existsSync(at("outside/hidden.mid"))).toBe(false);
  });

  runs("makes the link again when a file was put over it", async () => {
    put("gate", "inside");
    put("hidden", "inside");
    let isLinkAgain = false;
    await attack(["exchange", "gate", "hidden", "nowhere", "500"], 100, () => {
      const end = performance.now() + 5_000;
      while (!isLinkAgain && performance.now() < end) {
        const found = ["gate", "hidden"].map((path) => lstatSync(at(path), { throwIfNoEntry: false }));
        isLinkAgain = found.some((status) => status?.isSymbolicLink());
      }
    });
    expect(isLinkAgain).toBe(true);
    expect(readFileSync(at("gate"), "utf8")).toBe("inside");
  });

  runs("exchanges a directory and a file", async () => {
    mkdirSync(at("gate"));
    put("hidden", "inside");
    expect(await attack(["exchange", "gate", "hidden", "", "500"], 30)).toBeGreaterThanOrEqual(30);
    expect(lstatSync(at("gate")).isDirectory()).toBe(true);
    expect(readFileSync(at("hidden"), "utf8")).toBe("inside");
  });

  runs("takes a directory away and brings it back, also when another was made in its place", async () => {
    mkdirSync(at("gate"));
    put("gate/file", "inside");
    let made = 0;
    await attack(["vanish", "gate", "hidden", "", "500"], 100, () => {
      const end = performance.now() + 2_000;
      while (made < 3 && performance.now() < end) {
        try {
          mkdirSync(at("gate"));
          put("gate/other", "made");
          made += 1;
        } catch {
          // It is there, or it went meanwhile.
        }
      }
    });
    expect(made).toBe(3);
    expect(readFileSync(at("gate/file"), "utf8")).toBe("inside");
  });
});
