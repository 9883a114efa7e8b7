import { generate } from "../../packages/provider-kit/scripts/generate-helper.mjs";
import { availableTools } from "../../scripts/far-side-tools.mjs";

export default function setup(): void {
  generate();
  process.env["MOORING_TEST_AVAILABLE"] ??= availableTools().join(",");
}
