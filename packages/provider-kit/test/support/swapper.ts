import { spawn } from "node:child_process";
import { once } from "node:events";

const loop = [
  "my ($one, $other) = map { qq($_\\0) } @ARGV;",
  "my $call = (POSIX::uname())[4] eq 'x86_64' ? 316 : 276;",
  "$| = 1; print qq(ready\\n);",
  "while (1) { syscall($call, -100, $one, -100, $other, 2) }",
].join(" ");

/** Exchanges two names as fast as it can, until it is disposed of. */
export async function swap(one: string, other: string): Promise<AsyncDisposable> {
  const child = spawn("perl", ["-MPOSIX", "-e", loop, one, other], { stdio: ["ignore", "pipe", "ignore"] });
  await once(child.stdout, "data");
  return {
    async [Symbol.asyncDispose]() {
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
    },
  };
}
