import { absolutePathSchema, type SecretRef, secretRefSchema, type StandardSchemaV1 } from "@mooring/api";
import * as z from "zod";

/** What a destination on this machine is configured with. */
export interface UnixLocalConfig {
  /** The directory that sessions work in; absolute, and there already. A session's workspace is this, or lies in it. */
  readonly root: string;
  /** Directories that files may also be read from; absolute. @default [] */
  readonly readRoots?: readonly string[];
  /** Directories that files may also be written in; absolute. @default [] */
  readonly writeRoots?: readonly string[];
  /**
   * `workspace-write`: commands may write in the workspace and the write roots only, and where the kernel cannot see to that
   * nothing is opened (`unsupported`). `none`: they may do what the user may. Absent: the first where the kernel can, else
   * the second; the session's capabilities tell which.
   */
  readonly confinement?: "workspace-write" | "none";
  /** Added to the environment of every command. Values under names that look like secrets must be references. @default {} */
  readonly env?: Readonly<Record<string, string | SecretRef>>;
  /**
   * In milliseconds, from 100 to 86,400,000. For so long a program of ours that is frozen, and says nothing, keeps its commands;
   * one that ends loses them at once. @default 30,000
   */
  readonly leaseMs?: number;
}

const variableName = z
  .string()
  .refine(
    (name) => name !== "" && !/[=\0]/.test(name),
    "expected a name that is not empty and has no = and no NUL byte",
  );

/** Unknown keys are refused: a misspelt `confinement` must not switch it off in silence. */
export const unixLocalConfigSchema: StandardSchemaV1<unknown, UnixLocalConfig> = z.strictObject({
  root: absolutePathSchema,
  readRoots: z.array(absolutePathSchema).max(1_000).optional(),
  writeRoots: z.array(absolutePathSchema).max(1_000).optional(),
  confinement: z.enum(["workspace-write", "none"]).optional(),
  env: z.record(variableName, z.union([z.string(), secretRefSchema])).optional(),
  leaseMs: z.int().min(100).max(86_400_000).optional(),
});
