import { absolutePathSchema, portSchema, secretRefSchema, type StandardSchemaV1 } from "@mooring/api";
import * as z from "zod";
import type { SshConfig } from "./ssh-config.js";

/** A leading `-` would be an option to any program that it is passed to; the rest has a meaning in lists and locations. */
export const hostNameSchema = z
  .string()
  .max(1_025)
  .regex(/^(?!-)[^\s\p{C}/@,"'`\\]+$/u, "expected a host's name, address or alias");

export const userNameSchema = z
  .string()
  .max(256)
  .regex(/^(?!-)[^\s\p{C}/,"'`]+$/u, "expected a user's name");

const path = z
  .string()
  .min(1)
  .max(4_096)
  .refine((text) => !/[\0\r\n]/.test(text), "expected a path without NUL or line breaks");

const paths = z.union([path, z.array(path).max(100)]);

const hostKey = z
  .string()
  .max(16_384)
  .regex(
    /^(?:SHA256:[A-Za-z0-9+/]{43}=?|[a-z0-9@.-]+ [A-Za-z0-9+/]+={0,3}(?: .*)?)$/,
    "expected a fingerprint SHA256:... or a public key",
  );

const hostShape = {
  host: hostNameSchema,
  port: portSchema.optional(),
  user: userNameSchema.optional(),
  identityFile: paths.optional(),
  identityAgent: path.optional(),
  certificateFile: paths.optional(),
  knownHostsFile: paths.optional(),
  hostKey: z.union([hostKey, z.array(hostKey).min(1).max(100)]).optional(),
  hostKeyPolicy: z.enum(["known", "trust-on-first-use"]).optional(),
  passphrase: secretRefSchema.optional(),
  password: secretRefSchema.optional(),
};

const variableName = z
  .string()
  .refine(
    (name) => name !== "" && !/[=\0]/.test(name),
    "expected a name that is not empty and has no = and no NUL byte",
  );

const root = z.union([
  absolutePathSchema,
  path.regex(/^~(?:\/|$)/, "expected an absolute path, or one that begins with ~/"),
]);

/** Unknown keys are refused: a misspelt `hostKey` must not switch it off in silence. */
export const sshConfigSchema: StandardSchemaV1<unknown, SshConfig> = z.strictObject({
  ...hostShape,
  root,
  proxyJump: z
    .union([z.string().max(4_096), z.array(z.union([z.string().max(1_500), z.strictObject(hostShape)])).max(16)])
    .optional(),
  configFile: z.union([path, z.literal(false)]).optional(),
  keepaliveIntervalMs: z.int().min(50).max(3_600_000).optional(),
  connectTimeoutMs: z.int().min(100).max(600_000).optional(),
  readRoots: z.array(absolutePathSchema).max(1_000).optional(),
  writeRoots: z.array(absolutePathSchema).max(1_000).optional(),
  confinement: z.enum(["workspace-write", "none"]).optional(),
  env: z.record(variableName, z.union([z.string(), secretRefSchema])).optional(),
  leaseMs: z.int().min(100).max(86_400_000).optional(),
});
