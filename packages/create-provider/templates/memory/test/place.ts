import type { ProviderFacts } from "@mooring/conformance";
import type { MyPlaceConfig } from "../src/index.js";

/** The place that the tests run against. A place that is real has facts of more: how its connection breaks, for one. */
export const testPlace: ProviderFacts<MyPlaceConfig> = {
  destination: {
    id: "test-place",
    providerId: "my-place",
    config: { workspace: "/tests" },
    defaultManifest: { entries: [], mounts: [] },
  },
  wrongConfig: { workspace: "relative" },
};
