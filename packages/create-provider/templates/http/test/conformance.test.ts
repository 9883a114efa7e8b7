import { describeProvider } from "@mooring/conformance/vitest";
import { testPlace } from "./place.js";

const { provider, facts } = await testPlace();

// Every check of the kit, one test each. A skipped one says why.
describeProvider("my-place", provider, facts);
