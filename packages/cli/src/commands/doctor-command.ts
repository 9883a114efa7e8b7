import type { Command } from "commander";
import { type DestinationOptions, examples, subcommand, withConfig } from "./common-options.js";

export function addDoctorCommand(program: Command): void {
  const command = subcommand(program, "doctor", "say what this machine, or a destination, has and lacks")
    .argument("[destination]", "opens a session there and says what it found")
    .action(async (destination: string | undefined, options: DestinationOptions) => {
      const { doctor } = await import("../doctor/doctor.js");
      process.exitCode = await doctor(destination, options);
    });
  examples(
    withConfig(command),
    ["mooring doctor", "mooring doctor unix-local:/srv/app --json"],
    "Exit codes: 0 commands can run, 1 something that is needed is missing.",
  );
}
