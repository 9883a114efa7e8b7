import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { type RunnerCommandRequest, RunnerError } from "@mooring/api";
import { altered, withCommands, withFiles, withSessions } from "../altered.js";
import { type Mutant, withRequests } from "../mutant.js";

/** What only somebody hostile would find. */
export const hostileMutants: readonly Mutant[] = [
  {
    fault: "repeats a name in its messages as it is",
    check: "hostile.messages-are-printable",
    make: (provider) =>
      withFiles(provider, (files) => ({
        stat: (path, options) =>
          files.stat(path, options).catch((error: unknown) => {
            if (RunnerError.is(error))
              Object.defineProperty(error, "message", { value: `${String(path)} is not there` });
            throw error;
          }),
      })),
  },
  {
    fault: "opens whatever lies at a path",
    check: "hostile.fifo-holds-nothing-up",
    make: (provider) =>
      withFiles(provider, (files) => ({
        async readStream(path, options) {
          const info = await files.stat(path, options);
          return info.type === "other" ? await new Promise<never>(() => undefined) : files.readStream(path, options);
        },
      })),
  },
  {
    fault: "reads files by the `cat` that the agent's PATH finds",
    check: "hostile.fake-programs",
    make: (provider) =>
      withSessions(provider, (session) => ({
        files: altered(session.files, (files) => ({
          async read(path, options) {
            const whole = await files.read(path, options);
            const { stdout } = await session.commands.run({ program: "cat", args: [path] });
            return { ...whole, contents: options === undefined ? stdout.bytes : whole.contents };
          },
        })),
      })),
  },
  {
    fault: "puts a command's id into a script",
    check: "hostile.ids-are-no-scripts",
    make: (provider) =>
      withCommands(provider, (commands) => ({
        async start(request, options) {
          if (request.commandId !== undefined && !request.commandId.includes("\0")) {
            await commands.run({ program: "sh", args: ["-c", `: ${request.commandId}`] });
          }
          return await commands.start(request, options);
        },
      })),
  },
  {
    fault: "finds its workspace by its name each time",
    check: "hostile.workspace-becomes-a-link",
    make: (provider) =>
      withFiles(provider, (files, { workspace }) => ({
        async makeDirectory(path, options) {
          if (path !== "made-too") return await files.makeDirectory(path, options);
          return await writeFile(resolve(workspace, path), "made by its name");
        },
      })),
  },
  {
    fault: "writes into the file that a name leads to",
    check: "hostile.planted-hard-link",
    make: (provider) =>
      withFiles(provider, (files, { workspace }) => ({
        async write(path, contents, options) {
          if (typeof contents === "string" && String(path).startsWith("hard-")) {
            await writeFile(resolve(workspace, String(path)), contents);
          }
          return await files.write(path, contents, options);
        },
      })),
  },
  {
    fault: "takes everything of a terabyte before it gives the first of it",
    check: "hostile.sparse-terabyte",
    make: (provider) =>
      withFiles(provider, (files) => ({
        async read(path, options) {
          const { sizeBytes } = await files.stat(path);
          return sizeBytes > 1e9 ? await new Promise<never>(() => undefined) : files.read(path, options);
        },
      })),
  },
  {
    fault: "lists on when nobody wants to know any more",
    check: "hostile.crowded-directory",
    make: (provider) =>
      withFiles(provider, (files) => ({
        list: (path, { signal: _signal, ...options } = {}) => files.list(path, options),
      })),
  },
  {
    fault: "takes colours out of output",
    check: "hostile.escapes-are-data",
    make: (provider) =>
      withRequests(provider, (request) =>
        request.script?.includes("escapes") === true
          ? ({
              ...request,
              script: `{ ${request.script}; } | sed 's/\\x1b\\[[0-9;]*[A-Za-z]//g'`,
            } as RunnerCommandRequest)
          : request,
      ),
  },
];
