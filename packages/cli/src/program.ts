import { Command } from "commander";
import { addAttachCommand } from "./commands/attach-command.js";
import { addCodecCommand } from "./commands/codec-command.js";
import { addConfigCommand } from "./commands/config-command.js";
import { addCopyCommand } from "./commands/copy-command.js";
import { addDoctorCommand } from "./commands/doctor-command.js";
import { addExecCommand } from "./commands/exec-command.js";
import { addProvidersCommand } from "./commands/providers-command.js";
import { addSessionsCommand } from "./commands/sessions-command.js";
import { addShellCommand } from "./commands/shell-command.js";
import { addVerifyCommand } from "./commands/verify-command.js";
import { version } from "./version.js";

/** The whole command line. What a command needs beyond its options is loaded when it runs. */
export function createProgram(): Command {
  const program = new Command("mooring")
    .description("Run commands, copy files and look around wherever an agent's work happens.")
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print help")
    .helpCommand("help [command]", "print help for a command")
    .exitOverride()
    // Failures are told in one place, as JSON where that was asked for; help for want of a command is not one of them.
    .configureOutput({
      writeErr: (text) => {
        if (!text.startsWith("error:")) process.stderr.write(text);
      },
    })
    .addHelpText(
      "after",
      `
Examples:
  $ mooring exec unix-local:. -- npm test
  $ mooring shell ssh://dev@build-box/srv/app
  $ mooring cp ./src unix-local:/srv/app::src
  $ mooring verify unix-local:/tmp/try --json

A destination is a location such as unix-local:<directory> or ssh://host/<directory>, or a name from mooring.config.json.`,
    );
  for (const add of [
    addExecCommand,
    addAttachCommand,
    addShellCommand,
    addCopyCommand,
    addVerifyCommand,
    addDoctorCommand,
    addProvidersCommand,
    addSessionsCommand,
    addConfigCommand,
    addCodecCommand,
  ]) {
    add(program);
  }
  return program;
}
