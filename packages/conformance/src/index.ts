export type { CheckEvidence, CheckResult } from "./check-result.js";
export type { ProviderFacts } from "./provider-facts.js";
export { type ConformanceCounts, type ConformanceReport, summarize } from "./report.js";
export type { CapabilityName, SpecificationChapter, SpecificationPromise } from "./specification/chapter.js";
export { chapters as specification } from "./specification/promises.js";
export { listChecks, type CheckDescription } from "./list-checks.js";
export { type Verification, verifyProvider } from "./verify-provider.js";
