// Loaded by processes that own sessions and are then killed or frozen. Its address says the configuration.
import process from "node:process";
import type { RunnerDestination } from "@mooring/api";
import { myPlace, type MyPlaceConfig } from "../src/index.js";

export const provider = myPlace({ resolveSecret: async () => process.env["PLACE_TOKEN"] ?? "" });

export const destination: RunnerDestination<MyPlaceConfig> = {
  id: "test-place",
  providerId: provider.id,
  config: JSON.parse(new URL(import.meta.url).searchParams.get("config") ?? "{}") as MyPlaceConfig,
  defaultManifest: { entries: [], mounts: [] },
};
