import { parseUntrusted } from "@mooring/api";
import type { ProviderFacts } from "@mooring/conformance";
import * as z from "zod";
import { importModule } from "../import-module.js";

type Facts = Pick<ProviderFacts, "sever" | "kill" | "owner" | "leaseMs" | "raceOperations" | "wrongConfig">;

function aFunction<Function extends (...parameters: never[]) => unknown>() {
  return z.custom<Function>((value) => typeof value === "function", "expected a function");
}

const factsSchema: z.ZodType<Facts> = z.strictObject({
  sever: aFunction<NonNullable<Facts["sever"]>>().optional(),
  kill: aFunction<NonNullable<Facts["kill"]>>().optional(),
  owner: z.instanceof(URL, { error: "expected a URL, such as new URL('./owner.mjs', import.meta.url)" }).optional(),
  leaseMs: z.int().positive().optional(),
  raceOperations: z.int().positive().optional(),
  wrongConfig: z.unknown(),
});

/** What a module says of a place by its exports. */
export async function readFacts(file: string): Promise<Facts> {
  return await parseUntrusted(factsSchema, { ...(await importModule(file)) }, file);
}
