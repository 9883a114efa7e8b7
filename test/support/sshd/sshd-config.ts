/** What a server is started with beyond the stock configuration. */
export interface SshdSettings {
  readonly port: number;
  /** Private keys, the first one first. */
  readonly hostKeys: readonly string[];
  readonly hostCertificates: readonly string[];
  /** A directory with a file of `authorized_keys` for each account, named after it. */
  readonly authorizedKeys: string;
  /** Lines of `sshd_config` for every account. They win over the stock ones. */
  readonly lines: readonly string[];
  /** Lines for one account each, by its name. */
  readonly accountLines: ReadonlyMap<string, readonly string[]>;
}

/**
 * The configuration that Debian ships, at another port and with keys of its own. Modes are not looked at, because every
 * temporary directory can be written by all. MaxSessions and MaxStartups are the program's own defaults: 10, and 10:30:100.
 */
export function sshdConfig(settings: SshdSettings): string {
  const lines = [
    ...settings.lines,
    `Port ${settings.port}`,
    "ListenAddress 127.0.0.1",
    ...settings.hostKeys.map((file) => `HostKey ${file}`),
    ...settings.hostCertificates.map((file) => `HostCertificate ${file}`),
    `AuthorizedKeysFile ${settings.authorizedKeys}/%u`,
    "StrictModes no",
    "PidFile none",
    "LogLevel VERBOSE",
    "KbdInteractiveAuthentication no",
    "UsePAM yes",
    "X11Forwarding yes",
    "PrintMotd no",
    "AcceptEnv LANG LC_*",
    "Subsystem sftp /usr/lib/openssh/sftp-server",
  ];
  for (const [account, ownLines] of settings.accountLines) {
    lines.push(`Match User ${account}`, ...ownLines.map((line) => `  ${line}`));
  }
  return `${lines.join("\n")}\n`;
}
