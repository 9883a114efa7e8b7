/** Defaults of a command's request, and of reading its output. Times are in milliseconds. */
export const commandDefaults = {
  stdin: "none",
  stderr: "separate",
  output: "retain",
  maxOutputBytes: 1_048_576,
  readMaxBytes: 65_536,
  timeoutMs: null,
  graceMs: 2_000,
  /** How long a child that still holds a pipe delays the result. */
  drainMs: 100,
  durable: false,
  durableLifetimeMs: 86_400_000,
} as const;

/** Defaults of the program on the far side. */
export const helperDefaults = {
  /** After so long without a sign of life each side counts the other as lost. */
  leaseMs: 30_000,
  /** Contents up to this go along with the request. */
  inlineBytes: 262_144,
  initialInputCreditBytes: 262_144,
  outputWindowBytes: 1_048_576,
  fileReadMaxBytes: 16_777_216,
  grepMaxLineBytes: 2_000,
  maxFrameBytes: 4_194_304,
  maxNoiseBytes: 65_536,
} as const;

/** Defaults of this command line. */
export const cliDefaults = {
  confinement: "none",
  onDispose: "destroy",
  configFiles: ["mooring.config.json", "mooring.config.mjs", "mooring.config.ts"],
  columns: 80,
  rows: 24,
  progressAfterMs: 500,
  verifyDeadlineMs: 20_000,
} as const;
