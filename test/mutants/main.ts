import process from "node:process";
import type { RemoteRunnerProvider } from "@mooring/api";
import { localPlace } from "../support/local-place.js";
import { huntAll, soundResults, type Verdict } from "./hunt.js";
import { mutants } from "./mutants.js";

const atOnce = 4;

// Words of a fault, a check or a group choose some of the mutants: `npm run mutants -- durable`.
const [word] = process.argv.slice(2);
const chosen = mutants.filter(({ fault, check }) => word === undefined || `${check} ${fault}`.includes(word));

process.exitCode = await main();

async function main(): Promise<number> {
  const place = await localPlace();
  try {
    const ground = { ...place, provider: place.provider as RemoteRunnerProvider };
    const started = performance.now();
    const sound = await soundResults(ground, chosen);
    const wrong = sound.filter(({ status }) => status !== "passed");
    for (const { id, status, reason } of wrong) print(`sound provider ${status}  ${id}: ${reason ?? ""}`);
    const verdicts: Verdict[] = [];
    await huntAll(ground, chosen, atOnce, (verdict) => {
      verdicts.push(verdict);
      print(rowOf(verdict));
    });
    const caught = verdicts.filter(({ isCaught }) => isCaught).length;
    const broad = verdicts.filter(({ others }) => others.length > 0).length;
    print("");
    print(`${Math.round((performance.now() - started) / 1_000)} s`);
    print(
      `mutants: ${caught} of ${chosen.length} caught by the check meant for them; ` +
        `${broad} fail other checks too; sound provider: ${wrong.length} failed`,
    );
    return caught === chosen.length && chosen.length > 0 && wrong.length === 0 ? 0 : 1;
  } finally {
    await place[Symbol.asyncDispose]();
  }
}

function rowOf({ mutant, isCaught, reason, others }: Verdict): string {
  const also = others.length === 0 ? "" : `\n          also fails ${others.join(", ")}`;
  const why = isCaught ? "" : `\n          ${reason}`;
  return `${isCaught ? "caught  " : "MISSED  "}${mutant.check.padEnd(44)}  ${mutant.fault}${why}${also}`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
