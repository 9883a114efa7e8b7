import { lstatSync, readdirSync, readFileSync, readlinkSync, realpathSync } from "node:fs";
import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { FuzzTarget } from "../engine/fuzz-target.js";
import { requireThat, Violation } from "../oracles/violation.js";
import { archives, withCheckSums } from "../support/archives.js";
import { frame, packMessage } from "../../../packages/provider-kit/test/support/helper-records.js";
import { featureOf, HelperProcess } from "../support/helper-process.js";
import { readRecord } from "../../../packages/provider-kit/src/helper/record-reader.js";

const limits = { maxEntries: 20, maxTotalBytes: 10_000 };
/** What channel 0 takes before it is granted more. */
const mostBytes = 262_144;
const secret = "not to be touched";
const allowed = ["corrupt", "path_escape", "resource_exhausted", "invalid_request"];

let helper: HelperProcess | undefined;
let inputs = 0;

async function open(): Promise<HelperProcess> {
  const opened = await HelperProcess.open();
  await writeFile(join(opened.folder, "outside"), secret);
  return opened;
}

/** All that was unpacked: no link of it leads out of the directory, and it is no more than was allowed. */
function requireInside(top: string): void {
  let entries = 0;
  let bytes = 0;
  const look = (folder: Buffer): void => {
    for (const name of readdirSync(folder, "buffer")) {
      const path = Buffer.concat([folder, Buffer.from("/"), name]);
      const status = lstatSync(path);
      entries++;
      if (status.isSymbolicLink()) {
        const target = readlinkSync(path, "latin1");
        const lexical = resolve(dirname(path.toString("latin1")), target);
        requireThat(
          isIn(top, lexical) && !target.startsWith("/"),
          () => `A link outside: ${path.toString()} -> ${target}`,
        );
      } else if (status.isDirectory()) look(path);
      else {
        bytes += status.size;
        requireThat(
          status.isFile() && (status.mode & 0o7000) === 0,
          () => `A file of the mode ${status.mode.toString(8)}`,
        );
      }
    }
  };
  look(Buffer.from(top));
  requireThat(bytes <= limits.maxTotalBytes * 2, () => `${bytes} bytes were unpacked`);
  // Parents that an entry needs are made besides.
  requireThat(entries <= limits.maxEntries * 60, () => `${entries} entries were unpacked`);
}

function isIn(top: string, path: string): boolean {
  return path === top || path.startsWith(`${top}/`);
}

/** The helper's own unpacking of archives that lie. */
export const helperExtract: FuzzTarget = {
  name: "helper-extract",
  form: "bytes",
  covers: [],
  seeds: archives,
  dictionary: ["../x", "/etc/passwd", "a/b", "ustar\0", "30 path=../../../../etc/passwd\n"].map((word) =>
    Buffer.from(word),
  ),
  limitMs: 500,
  testInputs: 200,
  async open() {
    return {
      async [Symbol.asyncDispose]() {
        await helper?.[Symbol.asyncDispose]();
        helper = undefined;
      },
    };
  },
  async run(bytes) {
    helper ??= await open();
    const current = helper;
    const id = ++inputs;
    const name = `out-${id}`;
    const top = join(realpathSync(current.workspace), name);
    await mkdir(top);
    current.frames = [];
    const archive = withCheckSums(bytes).subarray(0, mostBytes - 1);
    current.send(frame(0x01, id, packMessage({ op: "file.extract", path: name, ...limits })));
    current.send(frame(0x02, id, Buffer.concat([Buffer.of(0), archive])));
    current.send(frame(0x03, id, Buffer.of(0)));
    const answer = () => current.frames.find((one) => one.id === id && (one.type === 0x81 || one.type === 0x82));
    await current.until(() => answer() !== undefined);
    const found = answer();
    if (found === undefined) throw new Violation(`The helper ended: ${current.complaint}`);
    const record = readRecord(found.payload);
    if (found.type === 0x82) {
      const [code, errno] = [record.get("code")?.toString(), record.get("errno")?.toString()];
      requireThat(code === undefined || allowed.includes(code), () => `${code}: ${record.get("message")?.toString()}`);
      requireThat(code !== undefined || errno !== undefined, () => "An error of no kind");
    } else {
      requireThat(Number(record.get("entries")) <= limits.maxEntries, () => "More entries than were allowed");
      requireThat(Number(record.get("totalBytes")) <= limits.maxTotalBytes, () => "More bytes than were allowed");
    }
    requireThat(
      readFileSync(join(current.folder, "outside"), "utf8") === secret,
      () => "Something outside was changed",
    );
    const beside = readdirSync(current.workspace).filter((one) => one !== name);
    requireThat(beside.length === 0, () => `Unpacked beside the directory: ${beside.join(", ")}`);
    const outside = readdirSync(current.folder).toSorted().join();
    requireThat(outside === "outside,state,workspace", () => `Unpacked outside the workspace: ${outside}`);
    requireInside(top);
    await current.requireBounded();
    await chmod(top, 0o755);
    await rm(top, { recursive: true });
    return [featureOf(found)];
  },
};
