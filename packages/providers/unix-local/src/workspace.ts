import { realpath, stat } from "node:fs/promises";
import { RunnerError } from "@mooring/api";
import { errnoError } from "@mooring/provider-kit";

/** Rejects unless the root is a directory and the workspace is one in it. Makes nothing. */
export async function checkWorkspace(root: string, workspace: string): Promise<void> {
  const realRoot = await realDirectory("root", root);
  if (workspace === root) return;
  const realWorkspace = await realDirectory("workspace", workspace);
  if (realWorkspace === realRoot || realWorkspace.startsWith(realRoot === "/" ? "/" : `${realRoot}/`)) return;
  throw new RunnerError("path_escape", `Expected \`workspace\` to lie in the root ${root}, got \`${workspace}\``, {
    resource: "destination",
    retryable: false,
    phase: "before_start",
    details: { path: workspace },
  });
}

async function realDirectory(option: "root" | "workspace", path: string): Promise<string> {
  try {
    const real = await realpath(path);
    if ((await stat(real)).isDirectory()) return real;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw errnoError(
      code ?? "EIO",
      `Expected \`${option}\` to be a directory, got \`${path}\`: ${code ?? "unknown error"}`,
      {
        resource: "destination",
        phase: "before_start",
        details: { path },
        cause,
      },
    );
  }
  throw new RunnerError("invalid_request", `Expected \`${option}\` to be a directory, got \`${path}\`, which is none`, {
    resource: "destination",
    retryable: false,
    phase: "before_start",
    details: { path },
  });
}
