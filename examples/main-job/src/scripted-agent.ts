import { type CallTool, expectThat, type Timeline } from "./steps.js";

const buggyLine = "  const waitMinutes = parseTime(departure) - minutes;";
const mendedLine = "  const waitMinutes = parseTime(departure) - minutes + (today === undefined ? minutesPerDay : 0);";

/**
 * An agent with a script instead of a model: it looks around, finds why the tests fail, mends it, and starts the server. Every step
 * goes through a tool, as a model's would, and checks what came back.
 */
export async function runScriptedAgent(call: CallTool, timeline: Timeline, expectedPage: string): Promise<void> {
  await timeline.step("list_files .", async () => {
    const { content } = await expectOk(call("list_files", { path: ".", depth: 2 }));
    expectThat(content.includes("src/timetable.js"), "the project's files are not listed");
    return done(`${content.trim().split("\n").length} lines`);
  });
  await timeline.step("exec_command node --test", async () => {
    const { content, data } = await call("exec_command", { program: "node", args: ["--test"] });
    expectThat(exitCodeOf(data) === 1, `the tests should fail with exit code 1: ${content}`);
    expectThat(content.includes("tomorrow's first"), "the failing test is not named");
    return done("1 test fails, as it should");
  });
  await timeline.step("grep waitMinutes", async () => {
    const { content } = await expectOk(call("grep", { pattern: "waitMinutes =", path: "src" }));
    expectThat(content.includes("timetable.js"), "the line is not found");
    return done("found in src/timetable.js");
  });
  await timeline.step("read_file src/timetable.js", async () => {
    const { content } = await expectOk(call("read_file", { path: "src/timetable.js" }));
    expectThat(content.includes(buggyLine.trim()), "the line is not as it was");
    return done(`${content.length} characters`);
  });
  await timeline.step("edit_file src/timetable.js", async () => {
    await expectOk(call("edit_file", { path: "src/timetable.js", oldText: buggyLine, newText: mendedLine }));
    await expectOk(
      call("edit_file", {
        path: "src/timetable.js",
        oldText: 'import { parseTime } from "./clock.js";',
        newText: 'import { minutesPerDay, parseTime } from "./clock.js";',
      }),
    );
    return done("2 edits");
  });
  await timeline.step("exec_command node --test", async () => {
    const { content, data } = await call("exec_command", { program: "node", args: ["--test"] });
    expectThat(exitCodeOf(data) === 0, `the tests should pass: ${content}`);
    return done("all tests pass");
  });
  const port = await timeline.step("exec_command node src/server.js", async () => {
    const { content } = await expectOk(
      call("exec_command", {
        program: "node",
        args: ["src/server.js"],
        env: { PORT: "0" },
        background: true,
      }),
    );
    const found = /listening on (\d+)/.exec(content);
    expectThat(found !== null, `the server did not say that it listens: ${content}`);
    return { value: Number(found[1]), outcome: "listening in the background" };
  });
  const url = await timeline.step("expose_port", async () => {
    const { data } = await expectOk(call("expose_port", { port, readyTimeoutMs: 10_000 }));
    const address = isRecord(data) ? data["url"] : undefined;
    expectThat(typeof address === "string", "the port has no address");
    return { value: address, outcome: "an address came back" };
  });
  await timeline.step("fetch the page", async () => {
    const response = await fetch(`${url}/?at=22:00`);
    const page = await response.text();
    expectThat(response.ok, `the server answered ${response.status}`);
    expectThat(page.includes(expectedPage), `the page lacks "${expectedPage}": ${page}`);
    return done(`${page.length} characters, the wait is right`);
  });
}

function done(outcome: string): { value: undefined; outcome: string } {
  return { value: undefined, outcome };
}

async function expectOk(calling: ReturnType<CallTool>): ReturnType<CallTool> {
  const result = await calling;
  expectThat(result.ok, result.content);
  return result;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function exitCodeOf(data: unknown): unknown {
  const exit = isRecord(data) ? data["exit"] : undefined;
  return isRecord(exit) && exit["kind"] === "code" ? exit["code"] : undefined;
}
