// oxlint-disable-next-line no-restricted-imports -- of the configured root alone, which is the user's own and no agent's
import { realpath, stat } from "node:fs/promises";
import { normalize } from "node:path";
import { RunnerError } from "@mooring/api";
import { errnoError } from "@mooring/provider-kit";

/** Rejects unless both are directories and the workspace is, by its spelling, in the root. Makes nothing. */
export async function checkWorkspace(root: string, workspace: string): Promise<void> {
  requireWithin(normalize(root), normalize(workspace), workspace);
  await requireDirectory("root", root);
  if (workspace !== root) await requireDirectory("workspace", workspace);
}

/** Rejects unless the real workspace lies in the real root: a link in the root may have led out of it. */
export async function confirmWorkspace(root: string, realWorkspace: string): Promise<void> {
  requireWithin(await realpath(root), realWorkspace, realWorkspace);
}

function requireWithin(root: string, workspace: string, given: string): void {
  const inside = root.endsWith("/") ? root : `${root}/`;
  if (`${workspace}/`.startsWith(inside)) return;
  throw new RunnerError("path_escape", `Expected \`workspace\` to lie in the root ${root}, got \`${given}\``, {
    resource: "destination",
    retryable: false,
    phase: "before_start",
    details: { path: given },
  });
}

async function requireDirectory(option: "root" | "workspace", path: string): Promise<void> {
  const options = { resource: "destination", phase: "before_start", details: { path } } as const;
  try {
    if ((await stat(path)).isDirectory()) return;
  } catch (cause) {
    const { code = "EIO" } = cause as NodeJS.ErrnoException;
    throw errnoError(code, `Expected \`${option}\` to be a directory, got \`${path}\`: ${code}`, { ...options, cause });
  }
  throw new RunnerError("invalid_request", `Expected \`${option}\` to be a directory, got \`${path}\`, which is none`, {
    ...options,
    retryable: false,
  });
}
