export { ssh, type SshOptions } from "./ssh.js";
export type { SshConfig, SshJump } from "./config/ssh-config.js";
export type { AskPerson, SshPrompt, SshQuestion } from "./login/keyboard-interactive.js";
