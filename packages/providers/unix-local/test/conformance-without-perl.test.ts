import { join } from "node:path";
import { describeProvider } from "@mooring/conformance/vitest";
import { unixLocal } from "../src/index.js";
import { conformanceDirectory, unixLocalFacts } from "./conformance-facts.js";
import { closeInheritedDescriptors } from "./inherited-descriptors.js";
import { programsWithoutPerl } from "./without-perl.js";

closeInheritedDescriptors();
const root = conformanceDirectory();
const PATH = programsWithoutPerl(join(root, "bin"));

describeProvider("unix-local without Perl", unixLocal(), unixLocalFacts({ root, env: { PATH } }));
