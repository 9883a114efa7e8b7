import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";

/** Runs a program to its end and returns what it wrote; throws, with its complaint, when it fails. */
export async function runProgram(program: string, args: readonly string[], input = ""): Promise<string> {
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"] });
  const ended = new Promise<string>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(String(code ?? signal)));
  });
  child.stdin.on("error", () => {}); // It may end without having read what it was given.
  child.stdin.end(input);
  const [status, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  if (status !== "0") throw new Error(`${program} ${args.join(" ")} ended with ${status}: ${stderr.trim()}`);
  return stdout;
}
