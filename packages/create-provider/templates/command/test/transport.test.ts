import { describe, expect, it } from "vitest";
import { myPlace, type MyPlaceConfig } from "../src/index.js";
import { testPlace } from "./place.js";

const { destination } = testPlace();

function withConfig(config: Partial<MyPlaceConfig>) {
  return { ...destination, config: { ...destination.config, ...config } };
}

describe("a place that a command reaches", () => {
  it("gets arguments as they are through a command that joins them for a shell", async () => {
    // As ssh does: one line, read by a shell over there.
    const command = ["sh", "-c", `exec ${destination.config.command.join(" ")} sh -c "$*"`, "--"];
    await using session = await myPlace().createSession(withConfig({ command, passes: "shell" }));
    const args = ["a b", "it's", '"$HOME"', "*", "", "\n", "\\"];
    const result = await session.commands.run({ program: "printf", args: ["<%s>", ...args] });
    expect(result.stdout.text()).toBe(args.map((argument) => `<${argument}>`).join(""));
  });

  it("is unavailable when arguments do not arrive as they were given", async () => {
    const command = ["sh", "-c", `exec sh -c "$*"`, "--"];
    await expect(myPlace().createSession(withConfig({ command }))).rejects.toMatchObject({ code: "unavailable" });
  });

  it("is unavailable when its command is not there", async () => {
    await expect(myPlace().createSession(withConfig({ command: ["no-such-command"] }))).rejects.toMatchObject({
      code: "unavailable",
      message: "`command` could not be started: no-such-command: spawn no-such-command ENOENT",
    });
  });

  it("is unavailable when its command fails, with the last line of what that said", async () => {
    const command = ["sh", "-c", "echo connecting >&2; echo no route to box >&2; exit 255", "--"];
    await expect(myPlace().createSession(withConfig({ command }))).rejects.toMatchObject({
      code: "unavailable",
      message: "The place cannot be reached: `command` ended with 255 (no route to box)",
    });
  });

  it("opens no session outside of its root", async () => {
    const opening = myPlace().createSession(destination, { workspace: "/tmp" });
    await expect(opening).rejects.toMatchObject({ code: "path_escape" });
  });

  it("does not take a failure to reach it for the loss of a session", async () => {
    const session = await myPlace().createSession(destination);
    const state = session.state();
    await session.close();
    const unreachable = withConfig({ command: ["false"] });
    const resuming = myPlace().resumeSession(unreachable, state, { onLost: "recreate" });
    await expect(resuming).rejects.toMatchObject({ code: "unavailable" });
    const { session: again, outcome } = await myPlace().resumeSession(destination, state);
    expect(outcome).toBe("reattached");
    await again.destroy();
  });
});
