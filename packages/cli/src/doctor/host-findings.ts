import { execFile } from "node:child_process";
import { access, constants } from "node:fs/promises";
import { arch, platform, release } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import type { Finding } from "./finding.js";

const run = promisify(execFile);
const oldestNode = [20, 19] as const;

/** The Landlock version and whether `openat2` resolves beneath a directory, asked of the kernel by number as the helper does. */
const kernelProbe = [
  "my $abi = syscall(444, 0, 0, 1);",
  'my ($path, $how) = (".\\0", pack("QQQ", 0x80000, 0, 8));',
  "my $beneath = syscall(437, -100, $path, $how, 24);",
  'print "$abi ", $beneath >= 0 ? 1 : 0;',
].join(" ");

/** What this machine has of what Mooring uses. */
export async function hostFindings(): Promise<Finding[]> {
  const perl = await outputOf("perl", ["-e", 'printf "%vd", $^V']);
  return [
    nodeFinding(),
    {
      name: "platform",
      status: platform() === "linux" || platform() === "darwin" ? "ok" : "missing",
      found: `${platform()} ${release()} ${arch()}`,
      consequence: "unix-local needs Linux or macOS",
    },
    {
      name: "perl",
      status: perl === undefined ? "lacking" : "ok",
      found: perl ?? "none",
      consequence:
        "the helper in sh serves instead: one process for each call, no durable commands, no terminals, no watching, and paths are checked before they are used, not by the kernel",
    },
    await shellFinding(),
    ...(await kernelFindings(perl !== undefined)),
    ...(await Promise.all(tools.map(toolFinding))),
  ];
}

function nodeFinding(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const isFine = major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1]);
  return {
    name: "node",
    status: isFine ? "ok" : "missing",
    found: process.versions.node,
    consequence: `Mooring needs Node ${oldestNode.join(".")} or later`,
  };
}

async function shellFinding(): Promise<Finding> {
  const works = (await outputOf("/bin/sh", ["-c", "echo works"])) === "works";
  return {
    name: "/bin/sh",
    status: works ? "ok" : "missing",
    found: works ? "works" : "does not run",
    consequence: "scripts and the helper in sh need it",
  };
}

async function kernelFindings(hasPerl: boolean): Promise<Finding[]> {
  if (platform() !== "linux") return [];
  const probed = hasPerl ? await outputOf("perl", ["-e", kernelProbe]) : undefined;
  const [abiText, beneath] = probed?.split(" ") ?? [];
  const abi = Math.max(0, Number(abiText ?? 0));
  const unknown = "not known: Perl asks the kernel";
  return [
    {
      name: "landlock",
      status: abi >= 3 ? "ok" : "lacking",
      found: probed === undefined ? unknown : abi === 0 ? "none" : `version ${abi}`,
      consequence: "commands cannot be confined to their workspace (version 3 or later does it); --confine is refused",
    },
    {
      name: "openat2",
      status: beneath === "1" ? "ok" : "lacking",
      found: probed === undefined ? unknown : beneath === "1" ? "works" : "refused by this kernel",
      consequence: "paths are walked one directory at a time, which is slower and as safe",
    },
  ];
}

const tools: readonly (readonly [name: string, consequence: string])[] = [
  ["tar", "the helper in sh cannot archive or unpack; the one in Perl needs none"],
  ["sha256sum", "hashes are computed at this end"],
  ["git", "only needed where an agent's work needs it"],
];

async function toolFinding([name, consequence]: readonly [string, string]): Promise<Finding> {
  const path = await findOnPath(name);
  return { name, status: path === undefined ? "lacking" : "ok", found: path ?? "none", consequence };
}

async function findOnPath(name: string): Promise<string | undefined> {
  for (const directory of (process.env["PATH"] ?? "").split(delimiter)) {
    const path = join(directory, name);
    if (directory !== "" && (await isExecutable(path))) return path;
  }
  return undefined;
}

async function isExecutable(path: string): Promise<boolean> {
  return await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** What a program printed, or `undefined` when it did not run to a good end. */
async function outputOf(program: string, args: readonly string[]): Promise<string | undefined> {
  const child = run(program, [...args], { timeout: 5_000 });
  return await child.then(
    ({ stdout }) => stdout.trim(),
    () => undefined,
  );
}
