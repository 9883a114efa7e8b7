import { describe, expect, it } from "vitest";
import { runMooring } from "./support/run-mooring.js";

const commands = [
  ["exec"],
  ["attach"],
  ["shell"],
  ["cp"],
  ["verify"],
  ["doctor"],
  ["providers", "list"],
  ["sessions", "list"],
  ["sessions", "reap"],
  ["config", "defaults"],
  ["codec", "decode"],
  ["codec", "encode"],
  ["codec", "types"],
];

describe("help", () => {
  it.each(commands)("of %s %s has examples and no colours", async (...words) => {
    const ended = await runMooring([...words.filter((word) => word !== undefined), "--help"]);
    expect(ended).toMatchObject({ code: 0, stderr: "" });
    const text = ended.stdout.toString();
    expect(text).toContain(`Usage: mooring ${words.join(" ")}`);
    expect(text).toContain("Examples:\n  $ ");
    expect(text).toContain("--json");
    expect(text).not.toContain("\u001b");
  });

  it("names every command, and the exit codes of exec", async () => {
    const all = (await runMooring(["--help"])).stdout.toString();
    for (const [word = ""] of commands) expect(all).toContain(`\n  ${word}`);
    const exec = (await runMooring(["exec", "--help"])).stdout.toString();
    expect(exec).toMatch(/124 +--timeout was up/);
    expect(exec).toMatch(/125 +what became of the command is not known/);
  });

  it("is what comes without a command, as a failure", async () => {
    for (const args of [[], ["codec"]]) {
      const ended = await runMooring(args);
      expect(ended.code).toBe(2);
      expect(ended.stderr).toContain("Usage: mooring");
    }
  });

  it("prints a version", async () => {
    expect((await runMooring(["--version"])).stdout.toString()).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe("a wrong command line", () => {
  it.each([
    [["sail"], "unknown command 'sail'"],
    [["exec"], "missing required argument 'destination'"],
    [["exec", "unix-local:."], "missing required argument 'program'"],
    [["exec", "unix-local:.", "ls", "-l"], "unknown option '-l'"],
    [["exec", "somewhere", "--", "ls"], "Unknown destination `somewhere`. Locations: unix-local:"],
    [["exec", "moon:base", "--", "ls"], "no provider has locations that begin with `moon:`"],
    [["exec", "constructor", "--", "ls"], "Unknown destination `constructor`"],
    [["exec", "unix-local:.", "--env", "A", "--", "ls"], "Expected --env to be NAME=value, got `A`"],
    [["exec", "unix-local:.", "--timeout", "soon", "--", "ls"], "Expected --timeout to be a time"],
    [["exec", "unix-local:.", "--timeout", "0", "--", "ls"], "Expected --timeout to be a time"],
    [["exec", "unix-local:.", "--durable", "--tty", "--", "ls"], "--durable and --tty"],
    [["exec", "unix-local:.", "--detach", "--", "ls"], "--detach: expected --durable"],
    [["exec", "unix-local:.", "--config", "a.yaml", "--", "ls"], "a .json, .mjs or .ts file"],
    [["exec", "unix-local:.", "--config", "/nope.json", "--", "ls"], "Could not read /nope.json"],
    [["shell", "unix-local:."], "expected a terminal as standard input and output"],
    [["cp", "a", "b"], "got two local ones"],
    [["cp", "unix-local:.::a", "unix-local:.::b"], "got two remote ones"],
    [["verify", "unix-local:.", "--group", "nope"], "Expected --group to be one of "],
    [["verify", "unix-local:.", "--only", "nope"], "Expected --only to name a check"],
    [["config", "defaults", "nope"], "Expected a component (orchestrator, commands, helper, cli)"],
    [["attach", "../../etc/passwd"], "Expected the id of a session"],
    [["attach", "unheard-of"], "No session `unheard-of` was left here"],
  ])("%j ends with 2 and says why", async (args, message) => {
    const ended = await runMooring(args);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain(message);
    expect(ended.stderr).toMatch(/^mooring: /);
    expect(ended.stderr).not.toMatch(/\n\s+at /);
    expect(ended.stdout.length).toBe(0);
  });

  it("is told as JSON with --json, but not for one after --", async () => {
    const told = await runMooring(["exec", "moon:base", "--json", "--", "ls"]);
    expect(JSON.parse(told.stderr)).toMatchObject({ error: { code: "invalid_request" } });
    const plain = await runMooring(["exec", "moon:base", "--", "ls", "--json", "--debug"]);
    expect(plain.stderr).toMatch(/^mooring: Unknown destination/);
    expect(plain.stderr).not.toMatch(/\n\s+at /);
  });

  it("shows a stack with --debug only", async () => {
    const ended = await runMooring(["exec", "moon:base", "--debug", "--", "ls"]);
    expect(ended.stderr).toMatch(/\n\s+at /);
  });

  it("cannot send escapes to the terminal", async () => {
    const ended = await runMooring(["exec", "\u001b]0;owned\u0007\u202e", "--", "ls"]);
    expect(ended.stderr).toContain("`\\x1b]0;owned\\x07\\u202e`");
    expect(ended.stderr).not.toContain("\u001b");
  });

  it("has no colours with NO_COLOR nor in a pipe", async () => {
    const ended = await runMooring(["sail"], { env: { FORCE_COLOR: "1" } });
    expect(ended.stderr).not.toContain("\u001b");
  });
});

describe("mooring config defaults", () => {
  it.each(["orchestrator", "commands", "helper", "cli"])("prints those of %s", async (component) => {
    const ended = await runMooring(["config", "defaults", component, "--json"]);
    expect(ended).toMatchObject({ code: 0, stderr: "" });
    const defaults = JSON.parse(ended.stdout.toString()) as Record<string, unknown>;
    expect(Object.keys(defaults).length).toBeGreaterThan(3);
    const table = (await runMooring(["config", "defaults", component])).stdout.toString();
    for (const name of Object.keys(defaults)) expect(table).toContain(name);
  });

  it("has the limits of the contract", async () => {
    const ended = await runMooring(["config", "defaults", "commands", "--json"]);
    expect(JSON.parse(ended.stdout.toString())).toMatchObject({
      graceMs: 2_000,
      maxOutputBytes: 1_048_576,
      drainMs: 100,
    });
  });
});
