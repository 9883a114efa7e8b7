import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { ProviderFacts } from "@mooring/conformance";
import { afterAll } from "vitest";
import { myPlace, type MyPlaceConfig } from "../src/index.js";
import { type ExampleService, startExampleService } from "./example-service.js";

/**
 * The place that the tests run against: a directory of this machine, behind a small service that the tests start. Put the
 * URL of your own service there, and a token for it from the environment, and the checks run in your place.
 */
export async function testPlace() {
  const directory = mkdtempSync(join(tmpdir(), "my-place-"));
  const root = join(directory, "workspace");
  mkdirSync(root);
  const service: ExampleService = await startExampleService({
    PATH: process.env["PATH"] ?? "/usr/bin:/bin",
    XDG_STATE_HOME: join(directory, "state"),
  });
  afterAll(async () => {
    await service[Symbol.asyncDispose]();
    rmSync(directory, { recursive: true, force: true });
  });
  const provider = myPlace({
    async resolveSecret({ id }) {
      if (id === "my-place-token") return service.token;
      throw new Error(`There is no secret ${id}`);
    },
  });
  const config = { url: service.url, token: { id: "my-place-token" }, root };
  const leaseMs = 3_000;
  const owner = new URL("owner.ts", import.meta.url);
  owner.searchParams.set("config", JSON.stringify({ ...config, leaseMs }));
  process.env["PLACE_TOKEN"] = service.token;
  const facts = {
    destination: {
      id: "test-place",
      providerId: "my-place",
      config,
      defaultManifest: { entries: [], mounts: [] },
    },
    wrongConfig: { url: "ftp://box", token: { id: "my-place-token" }, root },
    // The rest is how the checks do harm to the place. Without a fact, those that need it are skipped and say so.
    async sever(session) {
      const command = await session.commands.start({ script: "sleep 60" });
      await service.cut(command.pid ?? 0);
    },
    async kill(pid) {
      process.kill(pid, "SIGKILL");
    },
    owner,
    ownerArguments: ["--import", "tsx"],
    leaseMs,
  } satisfies ProviderFacts<MyPlaceConfig>;
  return { service, provider, facts };
}
