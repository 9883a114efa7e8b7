import type { RunnerCommandRequest, RunnerCommandTarget } from "@mooring/api";
import { type Command, Option } from "commander";
import { usageError } from "../cli-error.js";
import { exitCodeHelp } from "../exit-codes.js";
import { type DestinationOptions, examples, subcommand, withConfig } from "./common-options.js";

interface ExecOptions extends DestinationOptions {
  readonly cwd?: string;
  readonly env: readonly string[];
  readonly timeout?: string;
  readonly grace?: string;
  readonly tty?: boolean;
  readonly stdin: boolean;
  readonly confine?: boolean;
  readonly durable?: boolean;
  readonly detach?: boolean;
  readonly id?: string;
}

export function addExecCommand(program: Command): void {
  const command = subcommand(program, "exec", "run a program at a destination, as if it ran here")
    .argument("<destination>", "a location or a configured name")
    .argument("<program>", "looked up on the PATH over there; put -- before it")
    .argument("[args...]", "passed on byte for byte")
    .usage("[options] <destination> -- <program> [args...]")
    .option("-C, --cwd <directory>", "working directory, relative to the workspace")
    .addOption(
      new Option("-e, --env <NAME=value>", "a variable for the command; may be repeated")
        .default([], "none")
        .argParser((value: string, before: readonly string[]) => [...before, value]),
    )
    .option("--timeout <time>", "end it after this long: 30s, 500ms, 2m, 1h")
    .option("--grace <time>", "time between TERM and KILL when it is ended")
    .option("-t, --tty", "run it on a terminal")
    .option("-n, --no-stdin", "give it no standard input")
    .option("--confine", "let it write in the workspace only; refused where the kernel cannot")
    .option("--durable", "let it run on when this process is lost; mooring attach finds it again")
    .option("--detach", "with --durable: start it, print its ids, and leave")
    .option("--id <id>", "its id in the session")
    .action(async (destination: string, name: string, args: string[], options: ExecOptions) => {
      process.exitCode = await exec(destination, [name, ...args], options);
    });
  examples(
    withConfig(command),
    [
      "mooring exec unix-local:. -- npm test",
      "tar c src | mooring exec unix-local:/srv/app -- tar x",
      "mooring exec ssh://dev@build-box/srv/app -- npm test",
      "mooring exec unix-local:. --timeout 30s --confine -- make -j4",
      "mooring exec unix-local:. --durable --detach --id build -- make all",
    ],
    `Signals that mooring gets (INT, TERM, HUP, QUIT, USR1, USR2) go to the command.\n\n${exitCodeHelp}`,
  );
}

async function exec(destination: string, argv: readonly string[], options: ExecOptions): Promise<number> {
  checkCombination(options);
  const request = await requestFor(argv, options);
  const { resolveDestination } = await import("../destinations/resolve-destination.js");
  const resolved = await resolveDestination(destination, options);
  const { confine = false, tty = false } = options;
  const { finish } = await import("../exec/finish.js");
  if (options.durable === true) {
    const { runDurable } = await import("../durable/run-durable.js");
    return await finish(await runDurable({ resolved, request, confine, detach: options.detach === true }, options));
  }
  const run = { resolved, request, confine, input: options.stdin };
  if (options.json === true) {
    const { runCaptured } = await import("../exec/run-captured.js");
    return await finish(await runCaptured(run));
  }
  const { runConnected } = await import("../exec/run-connected.js");
  return await finish(await runConnected({ ...run, tty }));
}

function checkCombination(options: ExecOptions): void {
  if (options.durable === true && options.tty === true) {
    throw usageError("--durable and --tty: expected one of them, a durable command has no terminal");
  }
  if (options.json === true && options.tty === true) {
    throw usageError("--json and --tty: expected one of them");
  }
  if (options.detach === true && options.durable !== true) {
    throw usageError("--detach: expected --durable with it");
  }
}

async function requestFor(argv: readonly string[], options: ExecOptions): Promise<RunnerCommandRequest> {
  const { durationMs } = await import("../exec/duration.js");
  const { environmentPair } = await import("../exec/environment.js");
  const { rawArguments } = await import("../exec/raw-arguments.js");
  const [program = "", ...args] = rawArguments(argv);
  const target: RunnerCommandTarget = { program, args };
  const { cwd, timeout, grace, id } = options;
  return {
    ...target,
    env: options.env.map(environmentPair),
    ...(cwd === undefined ? {} : { cwd }),
    ...(timeout === undefined ? {} : { timeoutMs: durationMs("--timeout", timeout) }),
    ...(grace === undefined ? {} : { graceMs: durationMs("--grace", grace) }),
    ...(id === undefined ? {} : { commandId: id }),
  };
}
