import { defaultServerConditions } from "vite";
import { defineConfig, type TestProjectInlineConfiguration } from "vitest/config";

const conditions = ["@mooring/source", ...defaultServerConditions];

const workspaces = [
  "packages/api",
  "packages/provider-kit",
  "packages/providers/unix-local",
  "packages/providers/ssh",
  "packages/conformance",
  "packages/orchestrator",
  "packages/cli",
  "packages/create-provider",
  "test",
  "examples/main-job",
];

function project(root: string): TestProjectInlineConfiguration {
  return {
    extends: true,
    root,
    test: {
      name: root.slice(root.lastIndexOf("/") + 1),
      include: [root === "test" ? "**/*.test.ts" : "test/**/*.test.ts"],
      ...(root === "packages/api" && {
        typecheck: { enabled: true, include: ["test/**/*.test-d.ts"], tsconfig: "tsconfig.json" },
      }),
    },
  };
}

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    projects: workspaces.map(project),
    globalSetup: [new URL("./test/support/global-setup.ts", import.meta.url).pathname],
    setupFiles: [new URL("./test/support/silent-console.ts", import.meta.url).pathname],
    pool: "forks",
    // Most suites wait for processes far more than they compute.
    maxWorkers: 3,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    restoreMocks: true,
    unstubEnvs: true,
  },
});
