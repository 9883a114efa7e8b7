// The program of an owner process. Its argument is the address of a module that exports `provider` and `destination`.
import process from "node:process";
import { createInterface } from "node:readline";
import { RunnerError } from "@mooring/api";
import { Owner, type OwnerPlace } from "./zoo/owner.js";
import type { OwnerAnswer, OwnerRequest } from "./zoo/owner-protocol.js";

const place = (await import(process.argv[2] ?? "")) as OwnerPlace;
const owner = new Owner(place);

function tell(answer: OwnerAnswer): void {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

async function serve({ id, task }: OwnerRequest): Promise<void> {
  try {
    const value = await owner.do(task, (part) => tell({ id, part }));
    tell({ id, value: value ?? null });
  } catch (error) {
    const code = RunnerError.is(error) ? error.code : "thrown";
    tell({ id, error: { code, message: error instanceof Error ? error.message : String(error) } });
  }
}

const lines = createInterface({ input: process.stdin });
lines.on("line", (line) => void serve(JSON.parse(line) as OwnerRequest));
// Whoever started it is gone: nobody will ask again.
lines.on("close", () => process.exit(0));
