import { absolutePathSchema, type SecretRef, secretRefSchema, type StandardSchemaV1 } from "@mooring/api";
import * as z from "zod";

/** What a destination of this provider is configured with. Plain JSON that may be stored: it holds no secret. */
export interface MyPlaceConfig {
  /** The service, such as `https://box.example/runner`. */
  readonly url: string;
  /** The name of the token that the service asks for; its value comes from whoever keeps the secrets, at each session. */
  readonly token: SecretRef;
  /** The directory over there that sessions work in, or below; absolute, and there already. */
  readonly root: string;
  /** The environment of every command over there, whole. A name that looks like a secret takes a reference `{ id }`. @default PATH only */
  readonly env?: Readonly<Record<string, string | SecretRef>>;
  /** In milliseconds, from 100: how long either side waits for a sign of life of the other. @default 30,000 */
  readonly leaseMs?: number;
}

/** Unknown keys are refused: a misspelt one must not be ignored in silence. */
export const myPlaceConfigSchema: StandardSchemaV1<unknown, MyPlaceConfig> = z.strictObject({
  url: z.string().refine(isServiceUrl, "expected a URL of http or https without a user, a query or a fragment"),
  token: secretRefSchema,
  root: absolutePathSchema,
  env: z.record(z.string().regex(/^[^=\0]+$/), z.union([z.string(), secretRefSchema])).optional(),
  leaseMs: z.int().min(100).max(86_400_000).optional(),
});

/** A user or a query would be a way for a secret to get into what is stored. */
function isServiceUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, search, hash } = new URL(text);
  return (protocol === "http:" || protocol === "https:") && `${username}${password}${search}${hash}` === "";
}
