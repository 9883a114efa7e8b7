import * as z from "zod";

/** A provider's id: it may become part of a file name or an address. */
export const providerIdSchema = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{0,63}$/,
    "expected a lower-case letter and then at most 63 lower-case letters, digits or dashes",
  );

/** A session's or a command's id. */
export const runnerIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$/, "expected 1 to 128 of A-Z a-z 0-9 . _ -, not starting with a dot");

/** A destination's or a secret's id, chosen by people. */
export const nameSchema = z
  .string()
  .min(1, "expected a string that is not empty")
  .max(512)
  .refine((name) => !/[\0\r\n]/.test(name), "expected a string without NUL or line breaks");

/** An absolute path on the runner. */
export const absolutePathSchema = z
  .string()
  .max(4096)
  .refine((path) => path.startsWith("/"), "expected an absolute path, one that begins with /")
  .refine((path) => !path.includes("\0"), "expected a path without NUL bytes");

/** A TCP port. */
export const portSchema = z
  .int("expected a whole number from 1 to 65535")
  .min(1, "expected a whole number from 1 to 65535")
  .max(65535, "expected a whole number from 1 to 65535");
