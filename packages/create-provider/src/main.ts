#!/usr/bin/env node
import process from "node:process";
import { createProvider } from "./create-provider.js";
import { InputError } from "./input-error.js";
import { usage } from "./usage.js";

try {
  await createProvider(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof InputError)) throw error;
  process.stderr.write(`create-provider: ${error.message}\n\n${usage}`);
  process.exitCode = 2;
}
