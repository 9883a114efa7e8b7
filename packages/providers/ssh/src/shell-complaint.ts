import type { RunnerError } from "@mooring/api";
import { type TransportExit, unsupported } from "@mooring/provider-kit";

const shownCharacters = 300;

/** What OpenSSH says to those who may transfer files only. It is a name of that program's, not words of an error. */
const sftpOnly = "This service allows sftp connections only.";

/** Why nothing can run: the login has no shell that runs what it is given. */
export function shellComplaint(where: string, exit: TransportExit, said: string): RunnerError {
  const isSftpOnly = said.includes(sftpOnly);
  const words = printable(said).trim().slice(0, shownCharacters);
  const cause = isSftpOnly
    ? "the login is for file transfer (SFTP) only"
    : `its login shell did not run a command: it ended with ${exit.signal ?? exit.code ?? "nothing known"}${words === "" ? "" : ` and said: ${words}`}`;
  return unsupported(`Nothing can run at ${where}: ${cause}. A session needs a login with a POSIX shell`, {
    provider: "ssh",
    resource: "session",
    details: { reason: isSftpOnly ? "sftp_only" : "no_shell" },
  });
}

/** Text of the far side without what would steer a terminal. */
function printable(text: string): string {
  return text.replaceAll(/[^\P{C}\n\t]/gu, "\u{fffd}");
}
