import { defineConfig, type Options } from "tsup";

const shared: Options = {
  format: "esm",
  platform: "node",
  // Node 20 has no native `using`; esbuild lowers it for this target.
  target: "es2023",
  sourcemap: true,
  clean: true,
  splitting: true,
  treeshake: false,
};

function sources(names: string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, `src/${name}.ts`]));
}

/** A package with entry points `src/<name>.ts`, and their declarations. */
export function library(names: string[]) {
  return defineConfig({
    ...shared,
    entry: sources(names),
    // tsup's declaration build sets `baseUrl`, which TypeScript 6 reports as deprecated.
    dts: { compilerOptions: { ignoreDeprecations: "6.0" } },
  });
}

/** A program that nobody imports: no declarations. */
export function program(name: string) {
  return defineConfig({ ...shared, entry: sources([name]) });
}
