import type { SpecificationChapter } from "../chapter.js";

export const claimsChapter: SpecificationChapter = {
  title: "Claims, requests and errors",
  promises: [
    {
      id: "P1",
      text: "Every capability is stated as a mode that the contract knows, and a session claims no more than its provider.",
      checks: ["capabilities.known-modes", "capabilities.session-within-provider"],
    },
    {
      id: "P2",
      text: "What is not claimed is refused with `unsupported`; it is never ignored, and nothing is done halfway.",
      checks: ["capabilities.refuses-*"],
    },
    {
      id: "P3",
      text: "A session tells where it is: its ids, its absolute workspace with no link in it, its platform, a sentence for a model.",
      checks: ["capabilities.session-tells-where-it-is", "capabilities.workspace-is-real"],
    },
    {
      id: "P4",
      text: "A request that is wrong is an `invalid_request` that names the field, what was expected and what came. Nothing is made or started by it.",
      checks: [
        "requests.wrong-config",
        "requests.unknown-config-key",
        "requests.destination-ids",
        "requests.session-options",
        "requests.wrong-commands",
      ],
    },
    {
      id: "P5",
      text: "A requirement of a destination that is unknown or cannot be enforced is `unsupported`.",
      checks: ["requests.unknown-requirement"],
    },
    {
      id: "P6",
      text: "A configuration holds no secrets: a key that looks like one is refused at any depth, and its value is not repeated.",
      checks: ["requests.secret-like-keys-in-config"],
    },
    {
      id: "P7",
      text: "Every error is a `RunnerError` with a closed code, a sentence, its operation and its phase, and can be carried as JSON.",
      checks: ["requests.errors-are-whole"],
    },
  ],
};
