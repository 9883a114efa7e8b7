import type { Command } from "commander";
import { type CommonOptions, examples, subcommand } from "./common-options.js";

const directions = [
  ["decode", "read the seed's snake_case JSON and print ours"],
  ["encode", "read our camelCase JSON and print the seed's"],
] as const;

export function addCodecCommand(program: Command): void {
  const codec = program.command("codec").description("the seed contract's JSON, to and from ours");
  for (const [direction, summary] of directions) {
    const command = subcommand(codec, direction, summary)
      .argument("<type>", "such as capabilities, destination or command-request")
      .argument("[json]", "the value; - or nothing reads standard input")
      .action(async (type: string, json: string | undefined, _options: CommonOptions) => {
        const { runCodec } = await import("../codec/run-codec.js");
        await runCodec(direction, type, json);
      });
    examples(command, [
      `mooring codec ${direction} manifest '{}'`,
      `mooring codec ${direction} destination - < destination.json`,
    ]);
  }
  const types = subcommand(codec, "types", "print the types that decode and encode know").action(
    async (options: CommonOptions) => {
      const { listTypes } = await import("../codec/run-codec.js");
      await listTypes(options.json === true);
    },
  );
  examples(types, ["mooring codec types"]);
}
