import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  chmodSync,
  readdirSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { spawn } from "node:child_process";
import { once } from "node:events";
import os from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { HelperClient } from "../support/helper-client.js";
import type { HelperFailure } from "../support/helper-failure.js";
import { unpackList, unpackRecord } from "../support/helper-records.js";
import { waitingChildrenOf } from "../support/processes.js";
import type { Request } from "../support/helper-request.js";

const outcome = async (request: Request): Promise<string[]> => {
  const result = await request.result;
  return ["exit", "value", "reason"].map((name) => String(result.get(name)));
};
const failure = async (request: Request): Promise<HelperFailure> => {
  const error = await request.result.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error as HelperFailure;
};
const output = (request: Request, channel = 1): Buffer => Buffer.concat(request.output[channel] ?? []);

/** Holds the sockets of processes open (pidfd_open, pidfd_getfd) as somebody would who is slow to close his copies. */
const holdSockets = String.raw`
  $^F = 1000;
  for my $pid (@ARGV) {
    my $process = syscall(434, $pid + 0, 0);
    for my $name (glob "/proc/$pid/fd/*") {
      my ($number) = $name =~ m{(\d+)$};
      syscall(438, $process, $number + 0, 0) >= 0 or die "pidfd_getfd: $!" if (readlink($name) // "") =~ /^socket:/;
    }
  }
  $| = 1;
  print "held\n";
  sleep 60;
`;

describe.each(["bytes", "text"] as const)("a helper that speaks %s", (kind) => {
  test("hands arguments over byte for byte", async () => {
    await using client = await HelperClient.open({ kind });
    const every = Buffer.from(Array.from({ length: 255 }, (_, index) => index + 1));
    const request = client.start(["printf", "%s|", every, "", "--", "-n", "a\nb"]);
    await request.result;
    expect(output(request)).toEqual(Buffer.concat([every, Buffer.from("||--|-n|a\nb|")]));
  });

  test("tells exit codes, signals and why", async () => {
    await using client = await HelperClient.open({ kind });
    expect(await outcome(client.sh("exit 0"))).toEqual(["code", "0", "exited"]);
    expect(await outcome(client.sh("exit 137"))).toEqual(["code", "137", "exited"]);
    expect(await outcome(client.sh("kill -9 $$"))).toEqual(["signal", "SIGKILL", "exited"]);
    expect(await outcome(client.sh("kill -SEGV $$"))).toEqual(["signal", "SIGSEGV", "exited"]);
    expect(await outcome(client.sh("sleep 600", { timeoutMs: 50 }))).toEqual(["signal", "SIGKILL", "timeout"]);
  });

  test("tells the start and all output of a command whose launch cannot be seen to be over", async () => {
    await using client = await HelperClient.open({ kind });
    while (waitingChildrenOf(client.process.pid ?? 0).length < 3) await client.request("command.list").result;
    const holder = spawn("perl", ["-e", holdSockets, ...waitingChildrenOf(client.process.pid ?? 0).map(String)]);
    try {
      await once(holder.stdout, "data");
      for (const [script, output] of [
        ["echo ready", "ready\n"],
        ["exit 3", ""],
      ] as const) {
        const request = client.sh(script);
        await request.result;
        expect([request.order[0], request.text()]).toEqual(["event started", output]);
      }
    } finally {
      holder.kill();
    }
  });

  test("lists a command of which nothing is left as ended from its result on", async () => {
    await using client = await HelperClient.open({ kind });
    const states = new Set<string>();
    const ended = async () => {
      const command = client.start(["true"]);
      const pid = String((await command.event("started")).get("pid"));
      await command.result;
      const records = unpackList((await client.request("command.list").result).get("commands")).map(unpackRecord);
      states.add(String(records.find((record) => String(record.get("pid")) === pid)?.get("state")));
    };
    // Several at once: supervisors that wait for a processor are slow to be ready for the next command.
    for (let round = 0; round < 10; round++) await Promise.all(Array.from({ length: 16 }, ended));
    expect([...states]).toEqual(["ended"]);
  });

  test("gives the pid and the ends of the streams before the result", async () => {
    await using client = await HelperClient.open({ kind });
    const request = client.sh("echo $$; echo error >&2");
    const started = await request.event("started");
    await request.result;
    expect(request.text()).toBe(`${String(started.get("pid"))}\n`);
    expect(request.order[0]).toBe("event started");
    expect(request.order.slice(-3).toSorted()).toEqual(["end 1", "end 2", "result"]);
    expect(request.order.at(-1)).toBe("result");
  });
});

test("A long argument passes, and one that the kernel does not take is E2BIG before the start", async () => {
  await using client = await HelperClient.open();
  const many = Array.from({ length: 8 }, () => "x".repeat(120_000));
  const request = client.sh('printf %s "$@" | wc -c', {});
  await request.result;
  const long = client.start(["sh", "-c", 'printf %s "$@" | wc -c', "sh", ...many]);
  await long.result;
  expect(long.text().trim()).toBe("960000");
  const error = await failure(client.start(["true", "x".repeat(140_000)]));
  expect([error.field("errno"), error.field("stage")]).toEqual(["E2BIG", "before_start"]);
  // The supervisor is none the worse for it.
  for (let round = 0; round < 5; round++)
    expect(await outcome(client.start(["true"]))).toEqual(["code", "0", "exited"]);
});

test("What cannot be executed says why, and its id stays free", async () => {
  await using client = await HelperClient.open();
  expect((await failure(client.start(["no-such-program"], { commandId: "x" }))).field("errno")).toBe("ENOENT");
  expect((await failure(client.start(["/etc"], { commandId: "x" }))).field("errno")).toBe("EACCES");
  expect((await failure(client.start(["/etc/passwd"], { commandId: "x" }))).field("errno")).toBe("EACCES");
  expect((await failure(client.start(["ls"], { commandId: "x", env: ["PATH=/nowhere"] }))).field("errno")).toBe(
    "ENOENT",
  );
  expect(await outcome(client.start(["true"], { commandId: "x" }))).toEqual(["code", "0", "exited"]);
  expect((await failure(client.start(["true"], { commandId: "x" }))).field("code")).toBe("already_exists");
});

test("The environment is the session's and the command's, and nothing else", async () => {
  await using client = await HelperClient.open({ env: ["PATH=/usr/bin:/bin", "A=session", "B=kept"] });
  const request = client.start(["env"], { env: ["A=first", "A=last=equals", "C="] });
  await request.result;
  expect(request.text().trim().split("\n").toSorted()).toEqual(["A=last=equals", "B=kept", "C=", "PATH=/usr/bin:/bin"]);
});

test("No descriptor but 0, 1 and 2 reaches a command, and no signal is ignored or blocked", async () => {
  await using client = await HelperClient.open();
  const other = client.sh("echo up; exec sleep 600", { stdin: "pipe" });
  await other.until("up");
  const request = client.start(["grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status"]);
  await request.result;
  expect(request.text()).toBe("SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
  // The fourth is the directory that is being listed.
  const descriptors = client.start(["ls", "/proc/self/fd"]);
  await descriptors.result;
  expect(descriptors.text()).toBe("0\n1\n2\n3\n");
});

test("Standard input is at its end unless asked for", async () => {
  await using client = await HelperClient.open();
  const none = client.start(["cat"]);
  expect(await outcome(none)).toEqual(["code", "0", "exited"]);
  const piped = client.start(["cat"], { stdin: "pipe" });
  piped.data("one\n");
  await piped.until("one\n");
  piped.data("two\n");
  piped.end();
  await piped.result;
  expect(piped.text()).toBe("one\ntwo\n");
});

test("Input that nobody reads is dropped, and credit for it is given back", async () => {
  await using client = await HelperClient.open();
  const request = client.sh("exec <&-; echo closed; read -t 1 x </dev/tty; exec sleep 0.3", { stdin: "pipe" });
  await request.until("closed");
  const chunk = Buffer.alloc(65_536);
  for (let sent = 0; sent < 4; sent++) request.data(chunk);
  await request.result;
  expect(request.uploadCredit).toBe(2 * 262_144);
});

test("A command that stops the process which starts commands holds the next ones up for a moment only", async () => {
  await using client = await HelperClient.open();
  const stops = `read -r _ _ _ spawner _ </proc/$PPID/stat; kill -STOP "$spawner"
    until grep -q ") T " "/proc/$spawner/stat"; do sleep 0.01; done; echo stopped`;
  const request = client.sh(stops);
  await request.result;
  expect(request.text()).toBe("stopped\n");
  // More than wait ahead of need, and none of them ends before all of them run.
  const meeting = (index: number) =>
    `: >here-${index}; until [ "$(ls here-* | wc -l)" = 8 ]; do sleep 0.02; done; echo met`;
  const later = Array.from({ length: 8 }, (_, index) => client.sh(meeting(index)));
  await Promise.all(later.map(({ result }) => result));
  expect(later.map((one) => one.text())).toEqual(Array.from({ length: 8 }, () => "met\n"));
});

test("A reader that gives no credit stops its command, and only that", async () => {
  await using client = await HelperClient.open();
  const slow = client.sh("head -c 3000000 /dev/zero; echo done >&2", { credit: 100_000 }, false);
  await slow.event("started");
  const quick = client.sh("head -c 3000000 /dev/zero");
  await quick.result;
  expect(output(quick).length).toBe(3_000_000);
  expect([output(slow).length, slow.text(2)]).toEqual([100_000, ""]);
  slow.credit(10_000_000);
  await slow.result;
  expect([output(slow).length, slow.text(2)]).toEqual([3_000_000, "done\n"]);
});

test("What is in the pipe at the end is delivered to a slow reader, too", async () => {
  await using client = await HelperClient.open();
  const request = client.sh("head -c 60000 /dev/zero", { credit: 1000 }, false);
  await request.event("started");
  await client.sh("sleep 0.3").result;
  expect(request.order.includes("result")).toBe(false);
  request.credit(100_000);
  await request.result;
  expect(output(request).length).toBe(60_000);
});

test("A child that holds the pipes delays the result by a moment, and is not stopped by them later", async () => {
  await using client = await HelperClient.open();
  const started = performance.now();
  const request = client.sh("(sleep 0.4; head -c 1000000 /dev/zero; echo x > written) & echo first", {
    commandId: "holder",
  });
  const result = await request.result;
  expect(performance.now() - started).toBeLessThan(390);
  expect([request.text(), String(result.get("stdoutBytes"))]).toEqual(["first\n", "6"]);
  await client.sh("while [ ! -e written ]; do sleep 0.02; done", { timeoutMs: 5000 }).result;
  expect(existsSync(path.join(client.workspace, "written"))).toBe(true);
});

test("Merged output is one stream in the order of writing", async () => {
  await using client = await HelperClient.open();
  const request = client.sh("echo a; echo b >&2; echo c", { stderr: "merge" });
  await request.result;
  expect([request.text(1), request.text(2)]).toEqual(["a\nb\nc\n", ""]);
});

test("A terminal has a size, hears of another, and ends by ^D", async () => {
  await using client = await HelperClient.open();
  const request = client.sh(
    "stty size; tty; echo $TERM; while read line; do stty size; echo got $line; done; echo end",
    {
      columns: 91,
      rows: 17,
      stdin: "pipe",
      commandId: "terminal",
    },
  );
  await request.until("xterm-256color");
  expect(request.text()).toMatch(/^17 91\r\n\/dev\/pts\/\d+\r\n/);
  await client.request("command.resize", { commandId: "terminal", columns: 120, rows: 40 }).result;
  request.data("hello\n");
  await request.until("got hello");
  expect(request.text()).toContain("40 120");
  request.end();
  expect(await outcome(request)).toEqual(["code", "0", "exited"]);
  expect(request.text()).toContain("end\r\n");
});

test("A program in a terminal is told of its new size by SIGWINCH", async () => {
  await using client = await HelperClient.open();
  const request = client.sh("trap 'stty size; exit 3' WINCH; echo up; while :; do sleep 0.02; done", {
    columns: 80,
    rows: 24,
    commandId: "w",
  });
  await request.until("up");
  await client.request("command.resize", { commandId: "w", columns: 100, rows: 30 }).result;
  expect(await outcome(request)).toEqual(["code", "3", "exited"]);
  expect(request.text()).toContain("30 100");
});

test("A signal reaches the command's group", async () => {
  await using client = await HelperClient.open();
  const request = client.sh("trap 'echo caught; exit 7' USR1; echo up; while :; do sleep 0.02; done", {
    commandId: "s",
  });
  await request.until("up");
  await client.request("command.signal", { commandId: "s", signal: "SIGUSR1" }).result;
  expect(await outcome(request)).toEqual(["code", "7", "exited"]);
  expect((await failure(client.request("command.signal", { commandId: "s", signal: "USR1" }))).field("code")).toBe(
    "ended",
  );
  expect((await failure(client.request("command.signal", { commandId: "s", signal: "NO" }))).field("code")).toBe(
    "invalid_request",
  );
});

test("The working directory is the workspace or one beneath it", async () => {
  await using client = await HelperClient.open();
  await client.start(["mkdir", "-p", "a/b"]).result;
  const request = client.start(["pwd"], { cwd: "a/b" });
  await request.result;
  expect(request.text().trim()).toBe(path.join(client.workspace, "a/b"));
  expect((await failure(client.start(["pwd"], { cwd: "../.." }))).field("code")).toBe("path_escape");
  expect((await failure(client.start(["pwd"], { cwd: "none" }))).field("errno")).toBe("ENOENT");
});

test("A large output arrives whole", async () => {
  await using client = await HelperClient.open();
  const request = client.sh("seq 1 2000000", { credit: 4_000_000 });
  await request.result;
  expect(output(request).toString().split("\n").length).toBe(2_000_001);
});

test("Many short commands leave nothing open in the helper", async () => {
  await using client = await HelperClient.open();
  const open = (): number => readdirSync(`/proc/${client.process.pid}/fd`).length;
  for (let round = 0; round < 5; round++) await client.start(["true"]).result;
  await Promise.all(
    Array.from({ length: 20 }, () => client.sh("cat", { stdin: "pipe" })).map(
      (request) => (request.end(), request.result),
    ),
  );
  await Promise.all(Array.from({ length: 20 }, () => client.sh("exit 1", { columns: 80, rows: 24 }).result));
  await Promise.all(Array.from({ length: 20 }, () => failure(client.start(["no-such-program"]))));
  for (let round = 0; round < 100; round++) await client.start(["true"]).result;
  // The supervisors of a burst get ready for the next commands, and go home after a while.
  await expect.poll(open, { timeout: 10_000 }).toBeLessThan(60);
});

test("A helper out of descriptors says so, loses nobody else, and recovers", async () => {
  await using client = await HelperClient.open({ limits: "ulimit -n 90" });
  const neighbour = client.sh("read line; echo $line", { stdin: "pipe" });
  await neighbour.event("started");
  const many = Array.from({ length: 60 }, () => client.start(["sleep", "600"]));
  const started = await Promise.all(
    many.map((request) =>
      request.event("started").then(
        () => true,
        () => false,
      ),
    ),
  );
  const refused = await Promise.all(many.filter((_, index) => !started[index]).map(failure));
  expect(refused.length).toBeGreaterThan(0);
  expect(
    refused.every((error) =>
      ["code", "errno"].some((name) => /resource_exhausted|EMFILE/.test(error.field(name) ?? "")),
    ),
  ).toBe(true);
  neighbour.data("still here\n");
  await neighbour.result;
  expect(neighbour.text()).toBe("still here\n");
  const running = many.filter((_, index) => started[index]);
  for (const request of running) request.abandon();
  await Promise.all(running.map((request) => request.result));
  for (let round = 0; round < 5; round++)
    expect(await outcome(client.start(["true"]))).toEqual(["code", "0", "exited"]);
});

const isRoot = process.getuid?.() === 0;

test.skipIf(!isRoot || !existsSync("/usr/bin/setpriv"))(
  "A user out of processes is told, and can still end what runs",
  async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), "mooring-processes-"));
    chmodSync(folder, 0o777);
    try {
      const limits = 'exec prlimit --nproc=40 setpriv --reuid 4242 --regid 4242 --clear-groups "$@"';
      await using client = await HelperClient.open({ limits }, folder);
      const many = Array.from({ length: 60 }, () => client.start(["sleep", "600"]));
      const started = await Promise.all(
        many.map((request) =>
          request.event("started").then(
            () => true,
            () => false,
          ),
        ),
      );
      const refused = await Promise.all(many.filter((_, index) => !started[index]).map(failure));
      expect(new Set(refused.map((error) => error.field("code")))).toEqual(new Set(["resource_exhausted"]));
      const ended = await client.end("close");
      expect([String(ended.get("commandsEnded")), String(ended.get("survivors"))]).toEqual([
        String(60 - refused.length),
        "",
      ]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
);

const memoryGroups = "/sys/fs/cgroup/memory";
const hasMemoryGroups = isRoot && isWritable(memoryGroups);

test.skipIf(!hasMemoryGroups)("A command that the kernel killed for want of memory says so, and no other", async () => {
  const group = path.join(memoryGroups, `mooring-test-${process.pid}`);
  mkdirSync(group);
  try {
    writeFileSync(path.join(group, "memory.limit_in_bytes"), "80M");
    await using client = await HelperClient.open({ limits: `echo $$ > ${group}/cgroup.procs` });
    const hog = `perl -e '$x = "x" x 300_000_000; sleep 1'`;
    expect(await outcome(client.sh(`exec ${hog}`))).toEqual(["signal", "SIGKILL", "out_of_memory"]);
    expect(await outcome(client.sh(`${hog}; exit 3`))).toEqual(["code", "3", "exited"]);
    expect(await outcome(client.sh("kill -9 $$"))).toEqual(["signal", "SIGKILL", "exited"]);
  } finally {
    await expect.poll(() => removed(group)).toBe(true);
  }
});

function isWritable(folder: string): boolean {
  try {
    accessSync(path.join(folder, "memory.limit_in_bytes"), constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function removed(group: string): boolean {
  try {
    rmdirSync(group);
    return true;
  } catch {
    return !existsSync(group);
  }
}
