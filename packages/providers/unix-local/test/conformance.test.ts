import { describeProvider } from "@mooring/conformance/vitest";
import { unixLocal } from "../src/index.js";
import { conformanceDirectory, unixLocalFacts } from "./conformance-facts.js";

describeProvider("unix-local", unixLocal(), unixLocalFacts({ root: conformanceDirectory() }));
