import { fileEvent, fileInfo, grepMatch } from "../../../packages/provider-kit/src/helper/file-info.js";
import { helperError } from "../../../packages/provider-kit/src/helper/helper-error.js";
import {
  type HelperRecord,
  readList,
  readNumbers,
  readRecord,
} from "../../../packages/provider-kit/src/helper/record-reader.js";
import { RequestWriter } from "../../../packages/provider-kit/src/helper/record-writer.js";
import { runnerErrorCodes } from "@mooring/api";
import type { FuzzTarget } from "../engine/fuzz-target.js";
import { withinAllocation } from "../oracles/allocation.js";
import { requireNoPollution } from "../oracles/pollution.js";
import { outcomeOf, requireRefusal } from "../oracles/refusal.js";
import { requireSame, requireThat } from "../oracles/violation.js";
import { packList, packRecord } from "../../../packages/provider-kit/test/support/helper-records.js";

const info = {
  path: "/srv/file",
  type: "symlink",
  size: 12,
  mtimeMs: "1700000000000.5",
  mode: 420,
  uid: 0,
  gid: 0,
  target: "elsewhere",
  version: "8:1:2",
};

const readers: readonly ((record: HelperRecord) => unknown)[] = [
  fileInfo,
  grepMatch,
  fileEvent,
  (record) => readNumbers(record, "survivors"),
];

/** What a far side says in a record is read or refused as `corrupt`, field by field. */
export const records: FuzzTarget = {
  name: "records",
  form: "bytes",
  covers: ["src/helper/record-", "src/helper/file-info", "src/helper/helper-error", "src/text/text-bytes"],
  seeds: [
    packRecord(info),
    packRecord({ path: "/a", line: 3, text: "found", cut: 1 }),
    packRecord({ type: "renamed", from: "/a", path: "/b" }),
    packRecord({ errno: "ENOENT", message: "cannot open", path: "/gone", stage: "running" }),
    packRecord({ code: "expired", floorStdout: 12, floorStderr: 0, survivors: ["12", "13"] }),
    packList(["one", "two", ""]),
  ],
  dictionary: [packRecord({ path: "x" }), packRecord({ __proto__x: 1 }), packRecord({ survivors: ["x"] })],
  testInputs: 3_000,
  run(bytes) {
    outcomeOf(["corrupt"], () => readList(bytes));
    const outcome = withinAllocation(bytes.length + 16, () => outcomeOf(["corrupt"], () => readRecord(bytes)));
    if ("error" in outcome) return;
    requireSameWhenWritten(outcome.value);
    requireSameWhenPacked(outcome.value, bytes);
    for (const read of readers) outcomeOf(["corrupt"], () => read(outcome.value));
    requireErrorTold(outcome.value);
    requireNoPollution();
  },
};

function requireSameWhenWritten(record: HelperRecord): void {
  const writer = new RequestWriter().begin(1, "op");
  for (const [key, value] of record) writer.field(key, value);
  // What a frame's record has besides.
  const written = [...readRecord(writer.finish().subarray(9))].filter(([key]) => key !== "op" || record.has("op"));
  const besidesItsEnd = (entries: readonly (readonly [string, Buffer])[]) => entries.filter(([key]) => key !== "end");
  requireSame(byKey(besidesItsEnd(written)), byKey(besidesItsEnd([...record])), "A record that was written again");
}

/** To the last byte and length, where no key came twice. */
function requireSameWhenPacked(record: HelperRecord, bytes: Buffer): void {
  const parts = [...record].map(([key, value]) => {
    const head = Buffer.alloc(5 + key.length);
    head[0] = key.length;
    head.write(key, 1, "latin1");
    head.writeUInt32BE(value.length, 1 + key.length);
    return Buffer.concat([head, value]);
  });
  const again = Buffer.concat(parts);
  if (again.length === bytes.length) requireSame(again, bytes, "A record that was packed again");
  else requireThat(again.length < bytes.length, () => "A record of more than came");
}

function byKey(entries: readonly (readonly [string, Buffer])[]): unknown {
  return entries.toSorted(([left], [right]) => (left < right ? -1 : 1));
}

/** An ERROR record makes an error, however wrong it is: a call must hear of its end. */
function requireErrorTold(record: HelperRecord): void {
  const outcome = outcomeOf([], () => helperError(record, { operation: "files.read", resource: "file" }));
  requireThat("value" in outcome, () => "An ERROR record made no error");
  if ("value" in outcome) {
    requireRefusal(outcome.value, runnerErrorCodes);
    requireThat(!JSON.stringify(outcome.value).includes("null,null"), () => "An error with numbers that are none");
  }
}
