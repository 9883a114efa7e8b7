// What the tests need of a real far side: how to tell whether it is there, and how Debian calls it.
import { spawnSync } from "node:child_process";

/** @typedef {{ name: string, debianPackages: string[], probe: string[], usedBy: string }} Tool */

/** @type {Tool[]} */
export const tools = [
  { name: "perl", debianPackages: ["perl-base"], probe: ["perl", "-e", "1"], usedBy: "the resident helper" },
  { name: "dash", debianPackages: ["dash"], probe: ["dash", "-c", ":"], usedBy: "the shell fallback" },
  {
    name: "busybox",
    debianPackages: ["busybox-static"],
    probe: ["busybox", "true"],
    usedBy: "the shell fallback on BusyBox",
  },
  {
    name: "python3",
    debianPackages: ["python3"],
    probe: ["python3", "-c", ""],
    usedBy: "real programs under confinement",
  },
  {
    name: "python3-venv",
    debianPackages: ["python3", "python3-venv"],
    probe: ["python3", "-c", "import ensurepip, venv"],
    usedBy: "real programs under confinement",
  },
  { name: "git", debianPackages: ["git"], probe: ["git", "--version"], usedBy: "real programs under confinement" },
  { name: "make", debianPackages: ["make"], probe: ["make", "--version"], usedBy: "real programs under confinement" },
  { name: "tmux", debianPackages: ["tmux"], probe: ["tmux", "-V"], usedBy: "terminals and long-lived children" },
  {
    name: "sshd",
    debianPackages: ["openssh-server", "openssh-client"],
    probe: ["sh", "-c", "test -x /usr/sbin/sshd && command -v ssh && command -v ssh-agent && command -v ssh-keygen"],
    usedBy: "SSH",
  },
  { name: "fish", debianPackages: ["fish"], probe: ["fish", "-c", ""], usedBy: "SSH to an account with another shell" },
  {
    name: "root",
    debianPackages: [],
    probe: ["sh", "-c", 'test "$(id -u)" = 0 && command -v useradd && command -v setpriv'],
    usedBy: "SSH, whose accounts the tests make",
  },
];

/** @param {Tool} tool */
export function isAvailable({ probe: [program, ...args] }) {
  return spawnSync(program, args, { stdio: "ignore" }).status === 0;
}

/** @returns {string[]} names */
export function availableTools() {
  return tools.filter(isAvailable).map(({ name }) => name);
}
