import type { Json } from "../engine/fuzz-target.js";

const info: Json = {
  path: "/srv/a",
  type: "file",
  size: 3,
  mtimeMs: 1_700_000_000_000,
  mode: 420,
  uid: 0,
  gid: 0,
  version: "8:1:2",
};

const ended: Json = {
  exit: "code",
  value: 0,
  reason: "exited",
  durationUs: 1_500,
  stdoutBytes: 5,
  stderrBytes: 0,
  background: [],
};

const result = (id: number, record: Json): Json => ({ type: 0x81, id, record });
const data = (id: number, channel: number, text: string): Json => ({ type: 0x84, id, channel, text });
const event = (id: number, record: Json): Json => ({ type: 0x83, id, record });
const end = (id: number, channel: number): Json => ({ type: 0x85, id, channel });

/** What a helper that works would answer to one call of each kind, numbered in their order. */
export const answers: readonly Json[] = [
  event(1, { event: "started", pid: 12 }),
  data(1, 1, "hello"),
  { type: 0x86, id: 1, channel: 0, text: "\0\0\u0001\0" },
  end(1, 1),
  end(1, 2),
  result(1, ended),
  event(2, { event: "started", pid: 13, startedAtMs: 1_700_000_000_000 }),
  data(2, 2, "late"),
  result(2, { ...(ended as object), exit: "signal", value: "SIGKILL" } as Json),
  data(3, 1, "abc"),
  result(3, { path: "/srv/a", size: 3, version: "8:1:2", truncated: "1" }),
  result(4, info),
  result(5, { version: "8:1:3", size: 8 }),
  data(6, 1, "streamed"),
  result(6, { size: 8, version: "8:1:3" }),
  { type: 0x84, id: 7, channel: 1, list: [info, { ...(info as object), type: "symlink", target: "b" } as Json] },
  result(7, { truncated: "1" }),
  { type: 0x84, id: 8, channel: 1, list: [{ path: "/srv/a", line: 3, text: "x", cut: "1" }] },
  result(8, {}),
  event(9, { event: "armed" }),
  { type: 0x84, id: 9, channel: 1, list: [{ type: "created", path: "/srv/b" }, { type: "overflow" }] },
  result(9, {}),
  data(10, 1, "tar"),
  result(10, { entries: 1 }),
  result(11, { entries: 0, totalBytes: 0, skipped: [{ path: "x", reason: "a FIFO" }] }),
  result(12, {
    commands: [{ commandId: "c1", pid: 12, state: "running", program: "true", processes: ["12"] }],
  }),
  { type: 0x82, id: 13, record: { errno: "ENOENT", message: "no such command", survivors: ["7"] } },
  event(14, { event: "connected" }),
  data(14, 1, "port"),
  end(14, 1),
  result(14, {}),
  { type: 0x87, id: 0 },
];
