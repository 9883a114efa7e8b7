/** A failure that the command line itself finds, with the exit code that it ends with. */
export class CliError extends Error {
  override readonly name = "CliError";
  /** As in `RunnerError`, so that `--json` speaks of both alike. */
  readonly code: string;
  readonly exitCode: number;

  constructor(message: string, options: { code?: string; exitCode?: number; cause?: unknown } = {}) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.code = options.code ?? "internal";
    this.exitCode = options.exitCode ?? 1;
  }
}

/** The person asked for something that does not exist or cannot be read. */
export function usageError(message: string, cause?: unknown): CliError {
  return new CliError(message, {
    code: "invalid_request",
    exitCode: 2,
    ...(cause === undefined ? {} : { cause }),
  });
}
