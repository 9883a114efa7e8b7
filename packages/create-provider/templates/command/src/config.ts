import { absolutePathSchema, type SecretRef, secretRefSchema, type StandardSchemaV1 } from "@mooring/api";
import * as z from "zod";

/** What a destination of this provider is configured with. Plain JSON that may be stored: it holds no secret. */
export interface MyPlaceConfig {
  /** The command that reaches the place; what is to run there is added to it. Such as `["docker", "exec", "-i", "box"]`. */
  readonly command: readonly string[];
  /**
   * What the command makes of what is added to it. `arguments`: it hands them on one by one, as docker, nsenter and env do.
   * `shell`: it joins them with spaces for a shell over there, as ssh does; they are quoted for that. @default "arguments"
   */
  readonly passes?: "arguments" | "shell";
  /** The directory over there that sessions work in, or below; absolute, and there already. */
  readonly root: string;
  /** Added to the environment that commands have over there. A name that looks like a secret takes a reference `{ id }`. @default {} */
  readonly env?: Readonly<Record<string, string | SecretRef>>;
  /** In milliseconds, from 100: how long either side waits for a sign of life of the other. @default 30,000 */
  readonly leaseMs?: number;
}

const argument = z.string().refine((text) => !text.includes("\0"), "expected text without NUL bytes");
const program = argument.refine((text) => text !== "", "expected a program's name");

/** Unknown keys are refused: a misspelt one must not be ignored in silence. */
export const myPlaceConfigSchema: StandardSchemaV1<unknown, MyPlaceConfig> = z.strictObject({
  command: z.tuple([program], argument),
  passes: z.enum(["arguments", "shell"]).optional(),
  root: absolutePathSchema,
  env: z.record(z.string().regex(/^[^=\0]+$/), z.union([z.string(), secretRefSchema])).optional(),
  leaseMs: z.int().min(100).max(86_400_000).optional(),
});
