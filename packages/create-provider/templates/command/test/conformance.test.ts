import { describeProvider } from "@mooring/conformance/vitest";
import { myPlace } from "../src/index.js";
import { testPlace } from "./place.js";

// Every check of the kit, one test each. A skipped one says why.
describeProvider("my-place", myPlace(), testPlace());
