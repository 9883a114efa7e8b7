// Turns the programs in helper/ into a TypeScript module, so that the far side needs nothing installed
// and a bundler needs no asset loader. Line numbers in what it writes are those of the joined program.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";

const packageRoot = fileURLToPath(new URL("..", import.meta.url));

/**
 * Joins the Perl files in file-name order and strips POD, comment-only lines and blank lines.
 * @param {{ name: string, source: string }[]} files
 */
export function joinPerl(files) {
  return files.map(({ name, source }) => strip(name, source, { pod: true })).join("");
}

/** The helper's program: what spawners run is whole by itself, and compiles what comes after it when it has been run. */
export function perlProgram(root = packageRoot) {
  const spawner = joinPerl(readSources(path.join(root, "helper/perl/spawner"), ".pl"));
  const rest = joinPerl(readSources(path.join(root, "helper/perl"), ".pl"));
  const firstLine = spawner.split("\n").length + 2;
  const compiled = `eval "#line ${firstLine} mooring-helper\\n" . substr($MOORING_SOURCE, 9 + index($MOORING_SOURCE, "\\n__END__\\n")); die $@;`;
  return `${spawner}${compiled}\n__END__\n${rest}`;
}

/**
 * Strips comment-only and blank lines; a first line `#!` stays.
 * @param {string} name
 * @param {string} source
 */
export function stripShell(name, source) {
  return strip(name, source, { pod: false });
}

function strip(name, source, { pod }) {
  const kept = [];
  let inPod = false;
  for (const [index, line] of source.split("\n").entries()) {
    if (pod && inPod) {
      if (/^=cut\b/.test(line)) inPod = false;
      continue;
    }
    if (pod && /^=[a-zA-Z]/.test(line)) {
      inPod = !/^=cut\b/.test(line);
      continue;
    }
    if (pod && /^__(END|DATA)__\s*$/.test(line)) {
      throw new Error(`${name}:${index + 1}: ${line.trim()} would cut off the files joined after it`);
    }
    if (/^\s*#/.test(line)) {
      if (index === 0 && line.startsWith("#!")) kept.push(line);
      continue;
    }
    if (line.trim() === "") continue;
    if (startsHereDocument(line, pod)) {
      throw new Error(`${name}:${index + 1}: here-documents are not allowed, as their lines must not be stripped`);
    }
    kept.push(line.trimEnd());
  }
  return kept.length === 0 ? "" : `${kept.join("\n")}\n`;
}

// A shift operator has a space or a digit after it; a here-document's tag follows `<<` at once.
function startsHereDocument(line, perl) {
  return perl ? /<<~?\s*["'`]|<<~?[A-Za-z_]/.test(line) : /(^|[^<])<<-?\s*[\\"'A-Za-z_]/.test(line);
}

function readSources(folder, extension) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(extension))
    .toSorted()
    .map((name) => ({ name, source: readFileSync(path.join(folder, name), "utf8") }));
}

function render(perl, shell) {
  const entries = Object.entries(shell).map(
    ([name, source]) => `  ${JSON.stringify(name)}: ${JSON.stringify(source)},\n`,
  );
  return [
    "// Written by scripts/generate-helper.mjs from helper/. Do not edit.\n",
    `export const perlHelperSource: string = ${JSON.stringify(perl)};\n`,
    `export const shellHelperSources: Record<string, string> = {${entries.length > 0 ? "\n" : ""}${entries.join("")}};\n`,
  ].join("\n");
}

/** @returns {boolean} whether the file had to be written */
export function generate(root = packageRoot) {
  const perl = perlProgram(root);
  const shell = Object.fromEntries(
    readSources(path.join(root, "helper/sh"), ".sh").map(({ name, source }) => [
      path.basename(name, ".sh"),
      stripShell(name, source),
    ]),
  );
  const target = path.join(root, "src/generated/helper-source.ts");
  const text = render(perl, shell);
  if (existsSync(target) && readFileSync(target, "utf8") === text) return false;
  mkdirSync(path.dirname(target), { recursive: true });
  // Written aside and renamed: two generators may run at once, and a reader must never see half a file.
  const temporary = `${target}.${process.pid}.tmp`;
  writeFileSync(temporary, text);
  renameSync(temporary, target);
  return true;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) generate();
