import type {
  RemoteRunnerProvider,
  RemoteRunnerSession,
  ResumedSession,
  RestrictedSession,
  RunnerCapabilities,
  RunnerDestination,
  RunnerFacets,
  StandardSchemaV1,
} from "@mooring/api";
import { expectTypeOf, test } from "vitest";
import * as z from "zod";

interface LocalConfig {
  readonly root: string;
}
interface DockerConfig {
  readonly image: string;
}
declare const local: RemoteRunnerProvider<LocalConfig>;
declare const docker: RemoteRunnerProvider<DockerConfig>;

test("providers of different configurations are one list", () => {
  expectTypeOf([local, docker]).toExtend<RemoteRunnerProvider[]>();
  expectTypeOf<RemoteRunnerProvider<LocalConfig>>().toExtend<RemoteRunnerProvider>();
});

test("a schema of zod 4 is a provider's configuration schema as it is", () => {
  const schema = z.object({ root: z.string(), readRoots: z.array(z.string()).default([]) });
  expectTypeOf(schema).toExtend<StandardSchemaV1<unknown, { root: string; readRoots: string[] }>>();
  expectTypeOf(z.string()).not.toExtend<StandardSchemaV1<unknown, number>>();
});

test("a destination knows its configuration's type", () => {
  expectTypeOf<RunnerDestination["config"]>().toBeUnknown();
  expectTypeOf<RunnerDestination<LocalConfig>["config"]>().toEqualTypeOf<LocalConfig>();
  expectTypeOf(local.parseLocation!("x")).toEqualTypeOf<RunnerDestination<LocalConfig> | undefined>();
});

test("a session opens, resumes and ends as the contract says", () => {
  expectTypeOf<(typeof local)["createSession"]>().returns.resolves.toEqualTypeOf<RemoteRunnerSession>();
  expectTypeOf<ResumedSession["outcome"]>().toEqualTypeOf<"reattached" | "restored" | "recreated">();
  expectTypeOf<RemoteRunnerSession>().toExtend<AsyncDisposable & RunnerFacets>();
  expectTypeOf<RemoteRunnerSession["state"]>().returns.toHaveProperty("version").toEqualTypeOf<1>();
});

test("a tool gets commands and files, and no lifecycle", () => {
  expectTypeOf<RestrictedSession>().not.toHaveProperty("close");
  expectTypeOf<RestrictedSession>().not.toHaveProperty("destroy");
  expectTypeOf<RestrictedSession>().not.toHaveProperty("ports");
  expectTypeOf<RestrictedSession>().toHaveProperty("commands");
  expectTypeOf<RestrictedSession>().toHaveProperty("files");
});

test("capabilities are modes, never booleans", () => {
  expectTypeOf<RunnerCapabilities["commands"][keyof RunnerCapabilities["commands"]]>().toExtend<string>();
  expectTypeOf<RunnerCapabilities["commands"]["kill"]>().toEqualTypeOf<"tree" | "group" | "process" | "none">();
});
