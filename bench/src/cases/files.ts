import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Contender } from "../contender.js";
import { interleaved, type Summary } from "../statistics.js";
import { works } from "./commands.js";

const kilobyte = new Uint8Array(1024).fill(0x61);
const listedFiles = 20_000;

/** Small reads and crash-safe writes one after another, and one large listing. */
export async function fileCases(
  contenders: readonly Contender[],
  workspace: string,
  rounds: number,
): Promise<Record<string, Record<string, Summary>>> {
  for (const contender of contenders) await contender.write?.("small.txt", kilobyte);
  const readers = contenders.filter((contender) => contender.read !== undefined);
  const writers = contenders.filter((contender) => contender.write !== undefined);
  const listers = contenders.filter((contender) => contender.list !== undefined);
  await makeFiles(join(workspace, "many"));
  return {
    "read 1 kB": await interleaved(
      works(readers, async (contender) => {
        const contents = await contender.read?.("small.txt");
        if (contents?.length !== 1024) throw new Error(`${contender.name} read ${contents?.length}`);
      }),
      rounds,
    ),
    "write 1 kB, synced": await interleaved(
      works(writers, async (contender) => contender.write?.("small.txt", kilobyte)),
      rounds,
    ),
    "list 20,000 files": await interleaved(
      works(listers, async (contender) => {
        const count = await contender.list?.("many");
        if (count !== listedFiles) throw new Error(`${contender.name} listed ${count}`);
      }),
      5,
    ),
  };
}

async function makeFiles(directory: string): Promise<void> {
  await mkdir(directory);
  for (let start = 0; start < listedFiles; start += 500) {
    await Promise.all(
      Array.from({ length: 500 }, (_, index) => writeFile(join(directory, `file-${start + index}.txt`), "contents\n")),
    );
  }
}
