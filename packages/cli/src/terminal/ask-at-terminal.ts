import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { printable, printableLine } from "../output/printable.js";

interface Question {
  readonly host: string;
  readonly name: string;
  readonly instructions: string;
  readonly prompts: readonly { readonly text: string; readonly echo: boolean }[];
}

/** Asks the person at the terminal what a server wants to know. What is not to be seen is not shown; output stays clean. */
export async function askAtTerminal({ host, name, instructions, prompts }: Question): Promise<string[]> {
  const heading = [`${host} asks:`, name, instructions].map((text) => printable(text).trim());
  process.stderr.write(`${heading.filter((text) => text !== "").join("\n")}\n`);
  const answers: string[] = [];
  for (const { text, echo } of prompts) answers.push(await askOne(printableLine(text), echo));
  return answers;
}

async function askOne(prompt: string, echo: boolean): Promise<string> {
  let isHidden = false;
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (!isHidden) process.stderr.write(chunk);
      done();
    },
  });
  const terminal = createInterface({ input: process.stdin, output, terminal: true, historySize: 0 });
  try {
    const answer = terminal.question(prompt);
    isHidden = !echo;
    return await answer;
  } finally {
    terminal.close();
    if (!echo) process.stderr.write("\n");
  }
}
