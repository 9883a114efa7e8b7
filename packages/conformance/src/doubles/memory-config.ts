import { describeValue, secretLikeKeyIssues, type StandardSchemaIssue, type StandardSchemaV1 } from "@mooring/api";

export interface MemoryConfig {
  /** Absolute. @default the provider's */
  readonly workspace?: string;
}

/** `{ workspace? }` and nothing else. */
export const memoryConfigSchema: StandardSchemaV1<unknown, MemoryConfig> = {
  "~standard": {
    version: 1,
    vendor: "mooring",
    validate(value) {
      if (value === null || value === undefined) return { value: {} };
      if (typeof value !== "object" || Array.isArray(value)) {
        return { issues: [{ message: "expected an object" }] };
      }
      const issues: StandardSchemaIssue[] = secretLikeKeyIssues(value);
      for (const key of Object.keys(value)) {
        if (key === "workspace" || issues.some((issue) => issue.path?.[0] === key)) continue;
        issues.push({ message: "expected no such key", path: [key] });
      }
      const workspace = "workspace" in value ? value.workspace : undefined;
      if (workspace !== undefined && !(typeof workspace === "string" && workspace.startsWith("/"))) {
        const message = `expected an absolute path, not ${describeValue(workspace)}`;
        issues.push({ message, path: ["workspace"] });
      }
      if (issues.length > 0) return { issues };
      return { value: workspace === undefined ? {} : { workspace: workspace as string } };
    },
  },
};
