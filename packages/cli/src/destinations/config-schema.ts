import * as z from "zod";

/** A name that cannot be taken for a location or for the path after `::`. */
const destinationName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, "expected a name of A-Z a-z 0-9 . _ -");

/** `mooring.config.*`, before each destination is parsed by the contract and its provider. */
export const configFileSchema = z.strictObject({
  $schema: z.string().optional(),
  destinations: z
    .record(
      destinationName,
      z.union([
        z.string(),
        z.strictObject({
          provider: z.string(),
          config: z.unknown().optional(),
          manifest: z.unknown().optional(),
          requirements: z.unknown().optional(),
        }),
      ]),
    )
    .default({}),
  providers: z
    .array(
      z.custom<object>(
        (value) =>
          typeof value === "object" &&
          value !== null &&
          "specificationVersion" in value &&
          value.specificationVersion === "runner-v1",
        "expected a provider of the contract runner-v1",
      ),
    )
    .default([]),
});
