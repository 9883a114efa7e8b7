// Plain JavaScript: a thread is started without what translates TypeScript.
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { workerData } from "node:worker_threads";

const { memory, folder, limitMs, headBytes, nameBytes } = workerData;
const head = new Float64Array(memory, 0, 3);

setInterval(() => {
  const [startedAt, inputLength, nameLength] = head;
  if (startedAt === 0 || Date.now() - startedAt < limitMs) return;
  const name = Buffer.from(memory, headBytes, nameLength).toString();
  const input = Buffer.from(memory, headBytes + nameBytes, inputLength);
  const hash = createHash("sha256").update(input).digest("hex").slice(0, 12);
  const file = join(folder, name, `failure-${hash}.input`);
  mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(file, input);
  writeSync(2, `fuzz: ${name} FAILED: it has not come to an end in ${limitMs} ms with ${file}\n`);
  process.kill(process.pid, "SIGKILL");
}, 250);
