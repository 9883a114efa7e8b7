import { absolutePathSchema, secretLikeKeyIssues, type StandardSchemaV1 } from "@mooring/api";
import * as z from "zod";

/** What a destination of this provider is configured with. Plain JSON that may be stored: it holds no secret. */
export interface MyPlaceConfig {
  /** The directory that sessions work in; absolute. It is made when it is not there. @default "/workspace" */
  readonly workspace?: string;
}

/** Unknown keys are refused: a misspelt one must not be ignored in silence. Keys that look like secrets are, too, at any depth. */
export const myPlaceConfigSchema: StandardSchemaV1<unknown, MyPlaceConfig> = z
  .unknown()
  .superRefine((config, context) => {
    for (const issue of secretLikeKeyIssues(config)) context.addIssue({ code: "custom", ...issue });
  })
  .pipe(z.strictObject({ workspace: absolutePathSchema.optional() }));
